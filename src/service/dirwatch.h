/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An inotify watch of a directory; while the directory doesn't exist, of its nearest parent.
 */

#include <stdbool.h>

typedef struct DirWatch {
        int inotify_fd; /* -1: inotify is unavailable */
        int wd;         /* of the directory, or of its nearest parent; -1: none */
        bool on_parent;
        bool refused; /* the kernel refused to watch the directory or its nearest parent */
} DirWatch;

/* The meaning of an event. */
typedef enum DirEvent {
        DIR_EVENTS_LOST,   /* anything may have changed */
        DIR_MOVED,         /* another directory may be at the path */
        DIR_ATTRIBUTES,    /* of the directory itself */
        DIR_FILE_REPLACED, /* a file was added, replaced or removed */
        DIR_FILE_WRITTEN,  /* in place: the directory's times don't change */
        DIR_FILE_ATTRIBUTES,
} DirEvent;

/* name: the file's; NULL if the event isn't about a file.  Returns whether it may mean a change. */
typedef bool (*DirEventHandler)(DirEvent event, const char *name, void *userdata);

/* path: for the log message if inotify is unavailable. */
void dirwatch_init(DirWatch *w, const char *path);
void dirwatch_done(DirWatch *w);

/* Watches the directory.  Returns 0; or a negative errno, with nothing watched; -ENOTSUP: inotify is
 * unavailable. */
int dirwatch_add(DirWatch *w, const char *path);

/* Watches the directory's nearest parent. */
void dirwatch_add_parent(DirWatch *w, const char *path);

void dirwatch_remove(DirWatch *w);

/* Whether the directory's changes cause events. */
static inline bool dirwatch_is_on(const DirWatch *w) {
        return w->wd >= 0 && !w->on_parent;
}

/* Handles all queued events without waiting.  Returns whether one of them may mean a change. */
bool dirwatch_drain(DirWatch *w, DirEventHandler handler, void *userdata);
