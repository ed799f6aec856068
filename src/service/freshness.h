/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When a reading of a directory is out of date, and when its stat signature is enough to prove that it isn't.
 * Decisions only: no file is read and no clock is asked.
 */

#include <stdbool.h>
#include <stdint.h>

#include "index/format.h"

/* The steps that exact freshness rests on.  The tests build the service once without each of them
 * (TEST_WITHOUT), and see that it is missed. */
enum {
        STEP_QUIET = 1, /* publish only when the directory has been quiet */
        STEP_BARRIER,   /* list the directory between its stat signature and its events */
        STEP_DRAIN,     /* take in the events in every method */
        STEP_STAT,      /* see in every method where the directory's path leads */
};

#ifdef TEST_WITHOUT
#define FRESHNESS_CHECK(step) ((step) != TEST_WITHOUT)
#else
#define FRESHNESS_CHECK(step) true
#endif

/* A moment, by both clocks, µs. */
typedef struct Instant {
        int64_t realtime;   /* CLOCK_REALTIME_COARSE, as in a file's times */
        uint64_t monotonic;
} Instant;

/* A reading of a directory. */
typedef struct Reading {
        int error;               /* 0, or the negative errno of opening the directory */
        StatSignature signature; /* taken before the files were read; all 0 on an error */
        uint64_t signature_usec; /* CLOCK_MONOTONIC when this signature was first seen, µs */
        Instant started;
} Reading;

/*
 * Whether a reading is out of date.  dirty: an event told of a change; watched: events tell of changes;
 * error, now: what stat(2) of the directory's path gives now.
 */
bool reading_is_stale(const Reading *reading, bool dirty, bool watched, int error, const StatSignature *now);

/*
 * How long after a change a second one may give a directory the same signature, µs.  The signature of none is
 * all 0. tick_usec: the resolution of the file system's clock (CLOCK_REALTIME_COARSE).
 */
uint64_t racy_window_usec(const StatSignature *signature, uint64_t tick_usec);

/*
 * Whether the signature proves that a reading is current, which was found not to be stale at the given
 * moment. Returns true; or false and in *ret_usec the time until it may be (µs); 0: the directory has to be
 * read again.
 */
bool reading_is_settled(const Reading *reading, bool watched, Instant now, uint64_t tick_usec,
                uint64_t *ret_usec);

/* The pause before files that couldn't be read are tried again, after so many readings in a row, µs. */
uint64_t retry_pause_usec(unsigned n_readings);
