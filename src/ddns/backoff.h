/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How long to wait after failures: twice as long after each one, up to a limit, and a random time between
 * half of that and all of it, so that a hundred hosts don't retry at once.
 */

#include <stdint.h>
#include <sys/random.h>

#define BACKOFF_USEC_MIN UINT64_C(500000)

/* A random time between half of the given time and all of it. */
static inline uint64_t jitter(uint64_t usec) {
        uint64_t random = 0;

        (void) getrandom(&random, sizeof(random), GRND_NONBLOCK);
        return usec / 2 + random % (usec / 2 + 1);
}

static inline uint64_t backoff_usec(unsigned n_failures, uint64_t max) {
        uint64_t usec = BACKOFF_USEC_MIN;

        for (unsigned i = 1; i < n_failures && usec < max; i++)
                usec *= 2;
        return jitter(usec < max ? usec : max);
}
