/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Clocks.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* µs */
static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec t;

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

/* The wall clock, seconds since the epoch.  time(2) is up to a tick late. */
static inline int64_t clock_now(void) {
        return (int64_t) (clock_usec(CLOCK_REALTIME) / 1000000);
}

/* A descriptor that can be read from when the wall clock was set, or a negative errno; and
 * whether it was, which takes the word off it. */
int clock_watch_open(void);
bool clock_watch_was_set(int fd);
