/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The IPv4 leases of each MAC address on each network.
 */

#include "names/mac-leases.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

static uint64_t mac_key(uint32_t network, const MacAddress *mac) {
        uint64_t key = network;

        for (size_t i = 0; i < sizeof(mac->bytes); i++)
                key = key << 8 | mac->bytes[i];
        return key;
}

static bool lease_counts(const Binding *lease) {
        return lease->has_mac && lease->address.family == AF_INET &&
               address_is_guests(AF_INET, lease->address.bytes);
}

static int mac_lease_compare(const void *a, const void *b, void *userdata) {
        const Catalog *catalog = userdata;
        const MacLease *x = a, *y = b;
        int64_t x_expiry, y_expiry;

        if (x->key != y->key)
                return x->key < y->key ? -1 : 1;
        x_expiry = catalog->bindings[x->binding].binding->expiry;
        y_expiry = catalog->bindings[y->binding].binding->expiry;
        if (x_expiry == y_expiry)
                return x->binding > y->binding ? -1 : 1;
        return binding_outlasts(x_expiry, y_expiry) ? -1 : 1;
}

void mac_leases_done(MacLeases *table) {
        free(table->leases);
        *table = (MacLeases) { 0 };
}

int mac_leases_make(const Catalog *catalog, MacLeases *ret) {
        MacLeases table = { 0 };

        table.leases = calloc(catalog->n_leases + 1, sizeof(*table.leases));
        if (!table.leases)
                return -ENOMEM;
        for (size_t i = 0; i < catalog->n_leases; i++) {
                const CatalogBinding *l = catalog->bindings + i;

                if (lease_counts(l->binding))
                        table.leases[table.n_leases++] = (MacLease) {
                                .key = mac_key(l->network, &l->binding->mac),
                                .binding = (uint32_t) i,
                        };
        }
        qsort_r(table.leases, table.n_leases, sizeof(*table.leases), mac_lease_compare, (void *) catalog);
        *ret = table;
        return 0;
}

void mac_leases_mark(const MacLeases *table, Catalog *catalog) {
        for (size_t i = 1; i < table->n_leases; i++)
                if (table->leases[i].key == table->leases[i - 1].key)
                        catalog->bindings[table->leases[i].binding].superseded = true;
}
