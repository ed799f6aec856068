/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What changed from one catalog to the next, lease by lease.
 */

#include "names/catalog.h"

typedef enum ChangeType {
        CHANGE_ADDED,
        CHANGE_REMOVED,
        CHANGE_CHANGED,
} ChangeType;

/* catalog: the one that the lease is in: the old one of a lease that was removed.  was: a changed lease as
 * it was; else NULL. */
typedef void (*ChangeCallback)(ChangeType type, const Catalog *catalog, const CatalogBinding *lease,
                const CatalogBinding *was, void *userdata);

/*
 * Calls back for each lease that came, went, or isn't as it was: of the same bridge, address and MAC
 * address, but with another expiry, hostname, client-id, domain, or other names.  Leases that were
 * over at before_time don't count as there before, those that are at after_time not as there
 * now.  before and after may be NULL: no leases.  Returns 0 or -ENOMEM.
 */
int catalog_compare(const Catalog *before, int64_t before_time, const Catalog *after, int64_t after_time,
                ChangeCallback callback, void *userdata);
