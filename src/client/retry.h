/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether, when and how long a failed call is tried again.  A service that
 * crashed is back within milliseconds; one that is masked, unknown or wrongly
 * configured never is, and the lookup's next source waits.
 */

#include <stdbool.h>
#include <stdint.h>

/* How long a failure to activate the service may last before it is believed. */
#define RETRY_ACTIVATION_USEC UINT64_C(500000)

typedef enum Retry {
        RETRY_NEVER,      /* this is the answer */
        RETRY_ACTIVATION, /* for RETRY_ACTIVATION_USEC */
        RETRY_ALWAYS,     /* until the lookup's deadline */
} Retry;

/* A D-Bus error's name, and its message or NULL.  live: whether a live index stands. */
Retry retry_after_error(const char *name, const char *message, bool live);

/* A negative errno from connecting to the bus, or of a connection that broke. */
Retry retry_after_errno(int error);

/* The pause before another try, failures (1 or more) having been seen. */
uint64_t retry_pause_usec(unsigned failures);

/* When to try again; 0: not at all.  All times are of one clock; begin: from when on it has been tried. */
uint64_t retry_time(Retry retry, unsigned failures, uint64_t begin, uint64_t now, uint64_t deadline);
