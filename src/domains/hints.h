/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hints that it is worth connecting to libvirt: a PID file of a guest, or a socket of libvirt, that appears
 * below LIBVIRT_DIRECTORY.  They are never facts: on some systems QEMU's user may create such files.
 */

#include <stdbool.h>

typedef struct Hints {
        int fd; /* inotify */
        int parent_watch, directory_watch, guests_watch;
} Hints;

/* What hints_drain() returns, or'ed. */
typedef enum HintKind {
        HINT_GUEST = 1 << 0,
        HINT_SOCKET = 1 << 1,
} HintKind;

/* Returns 0 or a negative errno. */
int hints_open(Hints *hints);

/* For _cleanup_(). */
void hints_done(Hints *hints);

/* Reads the events that have come. */
unsigned hints_drain(Hints *hints);

/* Whether there is a guest's PID file now, or nobody can tell. */
bool hints_guest_runs(void);
