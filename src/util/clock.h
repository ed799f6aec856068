/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Clocks, in µs.
 */

#include <errno.h>
#include <stdint.h>
#include <time.h>

/* The time; 0 if there is no such clock. */
static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec t = { 0 };

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

/* Seconds since the epoch in µs; beyond 292 000 years, the farthest that fits. */
static inline int64_t usec_from_seconds(int64_t seconds) {
        return seconds > INT64_MAX / 1000000 ? INT64_MAX :
               seconds < INT64_MIN / 1000000 ? INT64_MIN :
                                               seconds * 1000000;
}

/* Sleeps until a time of CLOCK_MONOTONIC. */
static inline void clock_sleep_until(uint64_t usec) {
        struct timespec t = {
                .tv_sec = (time_t) (usec / 1000000),
                .tv_nsec = (long) (usec % 1000000 * 1000),
        };

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
                ;
}
