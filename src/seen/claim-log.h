/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Refused claims in the log: each once, and at most REFUSALS_LOGGED_MAX in a period of REFUSALS_USEC.
 */

#include "helper/links.h"
#include "seen/bridge.h"

typedef struct ClaimLog {
        size_t n;       /* in this period, logged or not */
        uint64_t begin; /* of the period */
} ClaimLog;

/* Logs the bridge's refused claims that weren't logged yet. */
void claim_log_refused(ClaimLog *log, Bridge *bridge, const Links *links, Moment now);

/* Ends the period if it is over, and logs how many claims weren't logged in it. */
void claim_log_advance(ClaimLog *log, Moment now);

/* When claim_log_advance() has something to log; NEVER. */
uint64_t claim_log_due(const ClaimLog *log);
