/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hints that it is worth connecting to libvirt: a new PID file of a guest, or a new socket of libvirt, below
 * LIBVIRT_DIRECTORY.  They are never facts: on some systems QEMU's user may create such files.
 */

#include <stdbool.h>

typedef struct Hints {
        int fd; /* inotify */
        int parent_watch, directory_watch, guests_watch;
} Hints;

/* The results of hints_drain(), or'ed. */
typedef enum HintKind {
        HINT_GUEST = 1 << 0,
        HINT_SOCKET = 1 << 1,
} HintKind;

/* Returns 0 or a negative errno. */
int hints_open(Hints *hints);

/* For _cleanup_(). */
void hints_done(Hints *hints);

/* Reads pending events.  Returns HintKinds, or'ed. */
unsigned hints_drain(Hints *hints);

/* Whether there is a guest's PID file now, or that can't be determined. */
bool hints_guest_runs(void);
