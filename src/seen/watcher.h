/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's main part: watches bridges with taps, asks NICs, and writes the facts.
 */

#include <systemd/sd-event.h>

typedef struct Watcher Watcher;

/* Opens all sockets, which needs CAP_NET_RAW; later calls don't.  directory: of the facts.  Returns 0, or a
 * negative errno after logging why. */
int watcher_new(sd_event *event, const char *directory, Watcher **ret);

/* Reads the current state.  Returns 0, or a negative errno after logging why. */
int watcher_start(Watcher *watcher);

/* Removes the facts. */
void watcher_remove_files(const Watcher *watcher);

Watcher *watcher_free(Watcher *watcher);
