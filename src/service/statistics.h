/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the service counts, as the bus property Statistics shows it.
 */

#include <stdint.h>

/* Counted since the start, or the last reset.  Lookups through the published index
 * aren't seen by the service, and not among them. */
typedef enum StatisticsCounter {
        STATISTICS_FOUND,       /* lookups, of names and addresses, by result */
        STATISTICS_NO_NAME,
        STATISTICS_NO_DATA,
        STATISTICS_REFUSED,
        STATISTICS_UNAVAILABLE,
        STATISTICS_WAITS_ANSWERED,
        STATISTICS_WAITS_TIMED_OUT,
        STATISTICS_WAITS_GONE,  /* their callers went away */
        STATISTICS_READINGS,    /* times that the lease directory was read */
        STATISTICS_PARSED,      /* documents whose bytes had changed */
        STATISTICS_PUBLICATIONS,
        STATISTICS_LIMITED,     /* calls refused for a limit */
#if HAVE_HOOK
        STATISTICS_HOOK_FOUND,  /* questions of the resolve hook: a guest's name or address, ... */
        STATISTICS_HOOK_PASSED, /* ... or not */
#endif
        _STATISTICS_MAX,
} StatisticsCounter;

typedef struct Statistics {
        uint64_t counters[_STATISTICS_MAX];
} Statistics;

/* The counter's key on the bus. */
const char *statistics_key(StatisticsCounter counter);
