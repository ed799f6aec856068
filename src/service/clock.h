/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The wall clock, by which leases expire.
 */

#include <stdbool.h>

#include "util/clock.h"

/* The wall clock, in seconds since the epoch.  time(2) is late by up to a tick. */
static inline int64_t clock_now(void) {
        return (int64_t) (clock_usec(CLOCK_REALTIME) / 1000000);
}

/* clock_watch_open() returns a descriptor that becomes readable when the wall clock is set, or a negative
 * errno. clock_watch_was_set() returns whether the clock was set since its last call. */
int clock_watch_open(void);
bool clock_watch_was_set(int fd);
