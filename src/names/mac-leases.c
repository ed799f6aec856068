/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The leases of each MAC address on each network.
 */

#include "names/mac-leases.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define KEY_IPV6 (UINT64_C(1) << 63)

static uint64_t binding_key(uint32_t network, const Binding *binding) {
        uint64_t key = network;

        for (size_t i = 0; i < sizeof(binding->mac.bytes); i++)
                key = key << 8 | binding->mac.bytes[i];
        return binding->address.family == AF_INET6 ? key | KEY_IPV6 : key;
}

static bool lease_counts(const Binding *lease) {
        return lease->has_mac && address_is_guests(lease->address.family, lease->address.bytes);
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
                                .key = binding_key(l->network, l->binding),
                                .binding = (uint32_t) i,
                        };
        }
        qsort_r(table.leases, table.n_leases, sizeof(*table.leases), mac_lease_compare, (void *) catalog);
        *ret = table;
        return 0;
}

void mac_leases_mark(const MacLeases *table, Catalog *catalog) {
        for (size_t i = 1; i < table->n_leases; i++)
                if (table->leases[i].key == table->leases[i - 1].key && !(table->leases[i].key & KEY_IPV6))
                        catalog->bindings[table->leases[i].binding].superseded = true;
}

int64_t mac_leases_end(const MacLeases *table, const Catalog *catalog, uint32_t network,
                const Binding *binding) {
        uint64_t key = binding_key(network, binding);
        size_t low = 0, high = table->n_leases;
        int64_t expiry;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (table->leases[middle].key < key)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == table->n_leases || table->leases[low].key != key)
                return INT64_MIN;
        expiry = catalog->bindings[table->leases[low].binding].binding->expiry;
        return expiry == 0 ? INT64_MAX : expiry;
}
