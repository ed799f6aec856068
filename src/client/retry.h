/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether, when and how long to repeat a failed call.  A service that crashed is back within milliseconds;
 * one that is masked, unknown or misconfigured never is, and must not delay the lookup's next source.
 */

#include <stdbool.h>
#include <stdint.h>

/* How long to retry after a failure to activate the service before it is final. */
#define RETRY_ACTIVATION_USEC UINT64_C(500000)

typedef enum Retry {
        RETRY_NEVER,      /* the failure is final */
        RETRY_ACTIVATION, /* for RETRY_ACTIVATION_USEC */
        RETRY_ALWAYS,     /* until the lookup's deadline */
} Retry;

/* A D-Bus error's name, and its message or NULL.  service_expected: an index of a service exists. */
Retry retry_after_error(const char *name, const char *message, bool service_expected);

/* A negative errno from connecting to the bus, or of a connection that broke. */
Retry retry_after_errno(int error);

/* The pause before the next try, after so many failures (1 or more). */
uint64_t retry_pause_usec(unsigned failures);

/* When to try again; 0: never.  All times are of one clock; begin: the first try. */
uint64_t retry_time(Retry retry, unsigned failures, uint64_t begin, uint64_t now, uint64_t deadline);
