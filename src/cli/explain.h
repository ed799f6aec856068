/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What may be behind a name or an address that isn't found, for people, on standard error.
 */

#include <stdbool.h>

#include "cli/listing.h"
#include "cli/options.h"

/* The reasons to tell at the end, collected from all that wasn't found. */
typedef struct Explanation {
        Listing *listing;
        const Options *options;
        int ifindex;
        bool missing; /* something is unknown to the service */
        bool hint;    /* and nothing better was found than that it may have no lease */
} Explanation;

/* Says of one name or address what is known beyond the error. */
void explain(Explanation *e, const char *what, const sd_bus_error *error);

/* A line of text of our own, escaped where it isn't, as a comment on standard error. */
void explain_print(const char *text);

/* Says what concerns all of them. */
void explain_end(Explanation *e);
