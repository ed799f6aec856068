/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A watch (inotify) of a directory that need not exist: then its nearest parent is watched.
 */

#include <stdbool.h>

typedef struct DirWatch {
        int inotify_fd; /* -1: the kernel gave none */
        int wd;         /* of the directory, or of its nearest parent; -1: none */
        bool on_parent;
        bool refused;   /* the kernel refused a watch, of the directory or of its nearest parent */
} DirWatch;

/* What an event means. */
typedef enum DirEvent {
        DIR_EVENTS_LOST,     /* anything may have changed */
        DIR_MOVED,           /* another directory may be at the path */
        DIR_ATTRIBUTES,      /* of the directory itself */
        DIR_FILE_REPLACED,   /* a file came or went */
        DIR_FILE_WRITTEN,    /* in place, which the directory's times don't show */
        DIR_FILE_ATTRIBUTES,
} DirEvent;

/* name: the file's; NULL if the event isn't one of a file.  Returns whether it may mean a change. */
typedef bool (*DirEventHandler)(DirEvent event, const char *name, void *userdata);

/* path: for the message if the kernel gives no inotify instance. */
void dirwatch_init(DirWatch *w, const char *path);
void dirwatch_done(DirWatch *w);

/* Watches the directory.  Returns 0, or a negative errno: then nothing is watched; -ENOTSUP: without
 * inotify. */
int dirwatch_add(DirWatch *w, const char *path);

/* Watches the directory's nearest parent. */
void dirwatch_add_parent(DirWatch *w, const char *path);

void dirwatch_remove(DirWatch *w);

/* Whether events tell of the directory's changes. */
static inline bool dirwatch_is_on(const DirWatch *w) {
        return w->wd >= 0 && !w->on_parent;
}

/* Handles the events that are queued, without waiting.  Returns whether one of them may mean a change. */
bool dirwatch_drain(DirWatch *w, DirEventHandler handler, void *userdata);
