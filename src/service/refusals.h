/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Logs refused hostnames: each once, and at most REFUSALS_LOGGED_MAX in a period of REFUSALS_USEC.
 */

#include "names/catalog.h"

typedef struct Refusals {
        size_t n; /* refusals in this period, logged or not */
} Refusals;

/* Logs the refusals of leases that aren't in before.  Catalogs and times are as in catalog_compare().
 * Returns whether a period is running: a refusal starts it, refusals_end() ends it. */
bool refusals_log(Refusals *refusals, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time);

/* Ends the period, and logs how many of its refusals weren't logged. */
void refusals_end(Refusals *refusals);
