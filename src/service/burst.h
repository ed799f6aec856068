/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changes come in bursts: libvirt rewrites a file once a lease when a network starts.  The first event starts
 * a burst; then a timer handles the events, until there were none for a while.  Decisions only: no file is
 * read and no clock is asked.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct Burst {
        uint64_t started_usec; /* CLOCK_MONOTONIC of its start or its last reading; 0: there is no burst */
} Burst;

typedef enum BurstStep {
        BURST_OVER,
        BURST_GOES_ON,
        BURST_READ, /* it goes on, for so long that the files are read meanwhile */
} BurstStep;

/* What to do when the timer has run out.  events: there were some meanwhile; awaited: somebody waits for a
 * change. */
BurstStep burst_step(Burst *b, bool events, bool awaited, uint64_t now_usec);
