/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The leases of each MAC address on each network, by family.  An interface uses one of IPv4 at a time: a
 * guest that changed its client-id (an installer, a new machine of the same name) leaves its former lease
 * behind, whose address is dead.
 */

#include "names/catalog.h"

typedef struct MacLease {
        uint64_t key;     /* of family, network and MAC address */
        uint32_t binding; /* into Catalog.bindings */
} MacLease;

/* All zero: an empty table. */
typedef struct MacLeases {
        size_t n_leases;
        MacLease *leases; /* by key; of the same key, those that end last first */
} MacLeases;

/* Frees what the table owns.  For _cleanup_(). */
void mac_leases_done(MacLeases *table);

/* Makes the table of a catalog's leases, which are complete except for their claims.  Returns 0 or -ENOMEM.
 */
int mac_leases_make(const Catalog *catalog, MacLeases *ret);

/* When the last lease of a MAC address on a network in that family ends: INT64_MAX if never, INT64_MIN if
 * there is none. */
int64_t mac_leases_end(const MacLeases *table, const Catalog *catalog, uint32_t network,
                const Binding *binding);

/* Marks all IPv4 leases of a MAC address on a network as superseded, except the one that ends last (if
 * several do, the one that is last in the file). */
void mac_leases_mark(const MacLeases *table, Catalog *catalog);
