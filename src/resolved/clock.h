/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The time of leases.
 */

#include "util/clock.h"

/* The wall clock, seconds since the epoch.  time(2) is up to a tick late. */
static inline int64_t clock_now(void) {
        return (int64_t) (clock_usec(CLOCK_REALTIME) / 1000000);
}
