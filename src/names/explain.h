/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Why a lease's names aren't answered, in words.
 */

#include "names/catalog.h"

/* Which names of a lease aren't answered at now, and why. */
typedef struct Explanation {
        char *text;      /* "hostname 'wpad': REASON; domain '_gateway': REASON"; NULL: all are answered */
        bool superseded; /* every reason is that other leases are answered instead */
} Explanation;

/* Frees the text.  For _cleanup_(). */
void explanation_done(Explanation *explanation);

/* Explains a lease, or another binding of the catalog.  A name that is refused in all forms is listed once.
 * Returns 0 or -ENOMEM. */
int catalog_explain(const Catalog *catalog, const CatalogBinding *binding, int64_t now, Explanation *ret);
