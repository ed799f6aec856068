/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Clocks.
 */

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
