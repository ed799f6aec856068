/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What changed from one catalog to the next, lease by lease; or address by address of those that were seen.
 */

#include "names/catalog.h"

typedef enum ChangeType {
        CHANGE_ADDED,
        CHANGE_REMOVED,
        CHANGE_CHANGED,
} ChangeType;

/* catalog: the lease's own, which is the old one if the lease was removed.  was: what a changed lease was
 * before; else NULL. */
typedef void (*ChangeCallback)(ChangeType type, const Catalog *catalog, const CatalogBinding *lease,
                const CatalogBinding *was, void *userdata);

/*
 * source: SOURCE_LEASE, or SOURCE_SEEN for the addresses that were seen and are answered.
 *
 * Calls back for each lease that was added, removed or changed.  A lease is the same one if bridge, address
 * and MAC address are equal; it has changed if its expiry, hostname, client-id, domain or names differ.
 * Leases that had expired at before_time, or at after_time, don't exist in that catalog.  before and after
 * may be NULL: no leases.  Of addresses that were seen, a newer proof is no change.  Returns 0 or -ENOMEM.
 */
int catalog_compare(BindingSource source, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time, ChangeCallback callback, void *userdata);
