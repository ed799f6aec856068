/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A network's DHCP leases, out of BRIDGE.status.
 */

#include <errno.h>
#include <stdlib.h>

#include "lease/entries.h"
#include "lease/lease.h"

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

static int lease_list_keep_strings(LeaseList *list) {
        size_t size = 1; /* malloc(0) may return NULL */
        char *cursor;

        for (size_t i = 0; i < list->n_leases; i++)
                size += strings_size(list->leases[i].hostname) + strings_size(list->leases[i].client_id);

        list->strings = cursor = malloc(size);
        if (!cursor)
                return -ENOMEM;

        for (size_t i = 0; i < list->n_leases; i++) {
                Lease *lease = &list->leases[i];

                lease->hostname = strings_keep(&cursor, lease->hostname);
                lease->client_id = strings_keep(&cursor, lease->client_id);
        }
        return 0;
}

int lease_list_parse(const char *data, size_t size, LeaseList **ret, DocumentError *error) {
        _cleanup_(lease_list_freep) LeaseList *list = NULL;
        _cleanup_(entries_done) Entries entries = { 0 };
        Entry entry;
        int r;

        list = calloc(1, sizeof(*list));
        if (!list)
                return document_error_memory(error);

        r = entries_load(&entries, data, size, &list->problems, error);
        if (r < 0)
                return r;

        list->leases = calloc(entries.n_entries + 1, sizeof(*list->leases));
        if (!list->leases)
                return document_error_memory(error);

        while (entries_next(&entries, &entry))
                if (lease_read(&entry, &list->leases[list->n_leases]))
                        list->n_leases++;

        r = lease_list_keep_strings(list);
        if (r < 0)
                return document_error_memory(error);

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
