/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changes come in bursts: when a network starts, libvirt rewrites a file once for each lease.  The first
 * event starts a burst; then a timer handles the events, until there have been none for a while.  Pure
 * decisions: nothing here reads a file or a clock.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct Burst {
        uint64_t started_usec; /* its start or last reading, on CLOCK_MONOTONIC; 0: no burst */
} Burst;

typedef enum BurstStep {
        BURST_OVER,
        BURST_GOES_ON,
        BURST_READ, /* the burst goes on, but it is time to read the files */
} BurstStep;

/* Decides what to do when the timer expires.  events: there were events since the last time; awaited:
 * somebody waits for a change. */
BurstStep burst_step(Burst *b, bool events, bool awaited, uint64_t now_usec);
