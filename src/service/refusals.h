/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Refused hostnames in the log: each once, and at most REFUSALS_SAID_MAX in a period of REFUSALS_USEC.
 */

#include "names/catalog.h"

typedef struct Refusals {
        size_t n; /* in this period, logged or not */
} Refusals;

/* Logs the refusals of leases that before doesn't have.  Catalogs and times are as in catalog_compare().
 * Returns whether a period runs: it starts with a refusal and ends with refusals_end(). */
bool refusals_log(Refusals *refusals, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time);

/* Ends the period, and logs how many refusals weren't logged in it. */
void refusals_end(Refusals *refusals);
