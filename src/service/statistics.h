/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's counters, for the bus property Statistics.
 */

#include <stdint.h>

/* Counted since the start or the last reset.  The service doesn't see lookups through the published index, so
 * they aren't counted. */
typedef enum StatisticsCounter {
        STATISTICS_FOUND, /* lookups, of names and addresses, by result */
        STATISTICS_NO_NAME,
        STATISTICS_NO_DATA,
        STATISTICS_REFUSED,
        STATISTICS_UNAVAILABLE,
        STATISTICS_WAITS_ANSWERED,
        STATISTICS_WAITS_TIMED_OUT,
        STATISTICS_WAITS_GONE, /* their callers left the bus */
        STATISTICS_READINGS,   /* of the lease directory */
        STATISTICS_PARSED,     /* documents parsed because their bytes had changed */
        STATISTICS_PUBLICATIONS,
        STATISTICS_LIMITED, /* calls refused because of a limit */
#if HAVE_HOOK
        STATISTICS_HOOK_FOUND,  /* questions to the resolve hook about a guest's name or address, ... */
        STATISTICS_HOOK_PASSED, /* ... and all others */
#endif
        _STATISTICS_MAX,
} StatisticsCounter;

typedef struct Statistics {
        uint64_t counters[_STATISTICS_MAX];
} Statistics;

/* The counter's key on the bus. */
const char *statistics_key(StatisticsCounter counter);
