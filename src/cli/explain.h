/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Possible reasons why a name or an address isn't found: for people, on standard error.
 */

#include <stdbool.h>

#include "cli/listing.h"
#include "cli/options.h"

/* The reasons to print at the end, collected from all names that weren't found. */
typedef struct Explanation {
        Listing *listing;
        const Options *options;
        int ifindex;
        bool missing; /* the service doesn't know one of the names */
        bool hint;    /* and the only explanation is that it may have no lease */
} Explanation;

/* Explains one name or address beyond the error. */
void explain(Explanation *e, const char *what, const sd_bus_error *error);

/* Prints a line of our own text as a comment on standard error.  The caller has escaped foreign parts. */
void explain_print(const char *text);

/* Prints the reasons that apply to all of them. */
void explain_end(Explanation *e);
