/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Refused hostnames as the log has them: each once, and REFUSALS_SAID_MAX in a period of
 * REFUSALS_USEC, whatever guests call themselves.
 */

#include "names/catalog.h"

typedef struct Refusals {
        size_t n; /* in this period, said or not */
} Refusals;

/* Says those that after has, and before doesn't have for the same lease; catalogs and times as in
 * catalog_compare().  Returns whether a period runs: from its first refusal to refusals_end(). */
bool refusals_log(Refusals *refusals, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time);

/* The period is over: says how many were not said in it. */
void refusals_end(Refusals *refusals);
