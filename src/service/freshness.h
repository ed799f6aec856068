/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When a reading of a directory is out of date, and when its stat signature proves that it isn't.  Pure
 * decisions: nothing here reads a file or a clock.
 */

#include <stdbool.h>
#include <stdint.h>

#include "index/format.h"

/* The steps that exact freshness depends on.  The tests build the service without each of them in turn
 * (TEST_WITHOUT), and check that a test fails. */
enum {
        STEP_QUIET = 1, /* publish only when the directory has been quiet */
        STEP_BARRIER,   /* list the directory between its stat signature and its events */
        STEP_DRAIN,     /* handle the events in every method */
        STEP_STAT,      /* stat the directory's path in every method */
};

#ifdef TEST_WITHOUT
#define FRESHNESS_CHECK(step) ((step) != TEST_WITHOUT)
#else
#define FRESHNESS_CHECK(step) true
#endif

/* A point in time, on both clocks, in µs. */
typedef struct Instant {
        int64_t realtime; /* CLOCK_REALTIME_COARSE, the clock of file times */
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
 * Whether a reading is out of date.  dirty: an event reported a change; watched: changes cause events; error,
 * now: the current result of stat(2) on the directory's path.
 */
bool reading_is_stale(const Reading *reading, bool dirty, bool watched, int error, const StatSignature *now);

/*
 * For how many µs after a change a second change may leave the directory's signature the same.  An absent
 * directory's signature is all 0.  tick_usec: the resolution of the file system's clock
 * (CLOCK_REALTIME_COARSE).
 */
uint64_t racy_window_usec(const StatSignature *signature, uint64_t tick_usec);

/*
 * Whether the signature proves that a reading, which wasn't stale at the time now, is current.  Returns true;
 * or false and in *ret_usec the time until it may be, in µs; 0: the directory must be read again.
 */
bool reading_is_settled(const Reading *reading, bool watched, Instant now, uint64_t tick_usec,
                uint64_t *ret_usec);

/* How long to wait before reading unreadable files again, in µs, after n_readings consecutive failures. */
uint64_t retry_pause_usec(unsigned n_readings);
