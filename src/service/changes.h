/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The changes between two catalogs: of leases, or of addresses that were seen.
 */

#include "names/catalog.h"

typedef enum ChangeType {
        CHANGE_ADDED,
        CHANGE_REMOVED,
        CHANGE_CHANGED,
} ChangeType;

/* catalog: the catalog that has the lease: for a removed lease the old one.  was: the previous state of a
 * changed lease; else NULL. */
typedef void (*ChangeCallback)(ChangeType type, const Catalog *catalog, const CatalogBinding *lease,
                const CatalogBinding *was, void *userdata);

/*
 * source: SOURCE_LEASE, or SOURCE_SEEN for the addresses that were seen and are answered.
 *
 * Calls back for each lease that was added, removed or changed.  Leases with the same bridge, address and MAC
 * address are the same; one has changed if its expiry, hostname, client-id, domain or names differ.  Leases
 * that had expired at before_time (after_time) are ignored in before (after).  Either catalog may be NULL: no
 * leases.  For addresses that were seen, a newer proof is no change.  Returns 0 or -ENOMEM.
 */
int catalog_compare(BindingSource source, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time, ChangeCallback callback, void *userdata);
