/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A network's DHCP leases, out of BRIDGE.status.
 */

#include <errno.h>
#include <stdlib.h>

#include "source/entries.h"
#include "source/lease.h"

static bool lease_read_expiry(const Entry *entry, Lease *lease) {
        const json_t *value = entry_get(entry, "expiry-time");

        lease->expiry = json_integer_value(value);
        return !value || json_is_integer(value);
}

static void lease_read_mac(const Entry *entry, Lease *lease) {
        const json_t *value = entry_get(entry, "mac-address");

        lease->has_mac = value_mac(value, &lease->mac);
        if (value && !lease->has_mac)
                entry_ignored(entry, "mac-address", "a MAC address", "MAC address ignored");
}

/* Whether the entry is a lease; its strings stay the entry's. */
static bool lease_read(const Entry *entry, Lease *lease) {
        const char *address = value_text(entry_get(entry, "ip-address"), NAME_LENGTH_MAX);

        *lease = (Lease) { .place = entry->place };

        if (!address || address_parse(address, &lease->address) < 0)
                return entry_skipped(entry, "ip-address", "an IPv4 or IPv6 address");
        if (!lease_read_expiry(entry, lease))
                return entry_skipped(entry, "expiry-time", "an integer");

        lease_read_mac(entry, lease);
        lease->hostname = entry_text(entry, "hostname", NAME_LENGTH_MAX, "hostname ignored");
        lease->client_id = entry_text(entry, "client-id", CLIENT_ID_LENGTH_MAX, "client-id ignored");
        return true;
}

/* Appends the entry, if it is a lease.  Until lease_list_end() its strings only say that they are there. */
static int lease_list_add(LeaseList *list, const Entry *entry, Strings *strings) {
        Lease *leases = array_grow(list->leases, list->n_leases, sizeof(*leases)), *lease;

        if (!leases)
                return -ENOMEM;
        list->leases = leases;
        lease = leases + list->n_leases;
        if (!lease_read(entry, lease))
                return 0;
        if (strings_add(strings, lease->hostname) < 0 || strings_add(strings, lease->client_id) < 0)
                return -ENOMEM;
        list->n_leases++;
        return 0;
}

static void lease_list_end(LeaseList *list, Strings *strings) {
        const char *cursor;

        list->leases = array_shrink(list->leases, list->n_leases, sizeof(*list->leases));
        cursor = list->strings = array_shrink(TAKE_PTR(strings->data), strings->size, 1);
        for (size_t i = 0; i < list->n_leases; i++) {
                Lease *lease = &list->leases[i];

                lease->hostname = strings_next(&cursor, lease->hostname);
                lease->client_id = strings_next(&cursor, lease->client_id);
        }
}

int lease_list_parse(const char *data, size_t size, LeaseList **ret, DocumentError *error) {
        _cleanup_(lease_list_freep) LeaseList *list = NULL;
        _cleanup_(strings_done) Strings strings = { 0 };
        _cleanup_(entries_done) Entries entries = { 0 };
        Entry entry;
        int r;

        list = calloc(1, sizeof(*list));
        if (!list)
                return document_error_memory(error);

        entries_begin(&entries, data, size, &list->problems);
        while ((r = entries_next(&entries, &entry, error)) > 0)
                if (lease_list_add(list, &entry, &strings) < 0)
                        return document_error_memory(error);
        if (r < 0)
                return r;

        lease_list_end(list, &strings);
        *ret = TAKE_PTR(list);
        return 0;
}

LeaseList *lease_list_free(LeaseList *list) {
        if (list) {
                free(list->strings);
                free(list->leases);
                free(list);
        }
        return NULL;
}
