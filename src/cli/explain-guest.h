/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Explains a name, a MAC address or an answer with ListGuests(): for people, on standard error.
 */

#include <stdbool.h>

#include "cli/listing.h"

/* Explains why a running domain has no address.  Returns whether no further hint is needed. */
bool explain_domain(Listing *listing, const char *name);

/* Explains that a guest of the caller's own session has no name.  Returns whether it is one. */
bool explain_session(const char *name);

/* Reports which other guests claim an answer's addresses. */
void explain_rivals(Listing *listing, const json_t *answer);
