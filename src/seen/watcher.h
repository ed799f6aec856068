/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's work: it watches the bridges that have taps, asks NICs, and writes the facts.
 */

#include <systemd/sd-event.h>

typedef struct Watcher Watcher;

/* Opens all sockets.  Needs CAP_NET_RAW, and nothing after it does.  directory: of the facts.  Returns 0,
 * or a negative errno after having said why. */
int watcher_new(sd_event *event, const char *directory, Watcher **ret);

/* Takes a first look.  Returns 0, or a negative errno after having said why. */
int watcher_start(Watcher *watcher);

/* Removes the facts. */
void watcher_remove_files(const Watcher *watcher);

Watcher *watcher_free(Watcher *watcher);
