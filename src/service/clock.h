/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The time of leases.
 */

#include <stdbool.h>

#include "util/clock.h"

/* The wall clock, seconds since the epoch.  time(2) is up to a tick late. */
static inline int64_t clock_now(void) {
        return (int64_t) (clock_usec(CLOCK_REALTIME) / 1000000);
}

/* A descriptor that can be read from when the wall clock was set, or a negative errno; and
 * whether it was, which takes the word off it. */
int clock_watch_open(void);
bool clock_watch_was_set(int fd);
