/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Clocks in µs.
 */

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec t;

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}
