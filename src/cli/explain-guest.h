/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What ListGuests() knows about a name, a MAC address or an answer: for people, on standard error.
 */

#include <stdbool.h>

#include "cli/listing.h"

/* Says of a running domain why it has no address.  Returns whether that explains it: no further hint is
 * needed. */
bool explain_domain(Listing *listing, const char *name);

/* Says which guests claim an answer's addresses, too. */
void explain_rivals(Listing *listing, const json_t *answer);
