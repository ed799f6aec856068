/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The DHCP leases of a network, from BRIDGE.status.
 */

#include "source/status-file.h"

#include <errno.h>
#include <stdlib.h>

#include "source/json-entries.h"

static bool lease_read_expiry(const Entry *entry, Binding *lease) {
        const json_t *value = entry_get(entry, "expiry-time");

        lease->expiry = json_integer_value(value);
        return !value || json_is_integer(value);
}

static void lease_read_mac(const Entry *entry, Binding *lease) {
        const json_t *value = entry_get(entry, "mac-address");

        lease->has_mac = value_mac(value, &lease->mac);
        if (value && !lease->has_mac)
                entry_ignored(entry, "mac-address", "a MAC address", "MAC address ignored");
}

/* Returns whether the entry is a lease.  The strings of *lease belong to the entry. */
static bool lease_read(const Entry *entry, Binding *lease) {
        const char *address = value_text(entry_get(entry, "ip-address"), NAME_LENGTH_MAX);

        *lease = (Binding) { .source = SOURCE_LEASE, .position = entry->position };

        if (!address || address_parse(address, &lease->address) < 0)
                return entry_skipped(entry, "ip-address", "an IPv4 or IPv6 address");
        if (!lease_read_expiry(entry, lease))
                return entry_skipped(entry, "expiry-time", "an integer");

        lease_read_mac(entry, lease);
        lease->hostname = entry_text(entry, "hostname", NAME_LENGTH_MAX, "hostname ignored");
        lease->client_id = entry_text(entry, "client-id", CLIENT_ID_LENGTH_MAX, "client-id ignored");
        return true;
}

int status_file_parse(const char *data, size_t size, BindingList **ret, DocumentError *error) {
        _cleanup_(binding_list_freep) BindingList *list = NULL;
        _cleanup_(strings_done) Strings strings = { 0 };
        _cleanup_(entries_done) Entries entries = { 0 };
        Entry entry;
        int r;

        list = calloc(1, sizeof(*list));
        if (!list)
                return document_error_memory(error);

        entries_start(&entries, data, size, &list->problems);
        while ((r = entries_next(&entries, &entry, error)) > 0) {
                Binding lease;

                if (lease_read(&entry, &lease) && binding_list_add(list, &lease, &strings) < 0)
                        return document_error_memory(error);
        }
        if (r < 0)
                return r;

        binding_list_finish(list, &strings);
        *ret = TAKE_PTR(list);
        return 0;
}
