/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The NICs of running domains, out of domains.json.
 */

#include "source/domains-file.h"

#include <stdlib.h>
#include <string.h>

#include "source/json-entries.h"
#include "util/array.h"
#include "util/limits.h"

/* ---- ports ---- */

/* Whether the value at key is the number of a port, and which. */
static bool port_number(const json_t *port, const char *key, uint16_t *ret) {
        json_int_t number = json_integer_value(json_object_get(port, key));

        if (number < 1 || number > UINT16_MAX)
                return false;
        *ret = (uint16_t) number;
        return true;
}

/* Returns 1 if the value is a port, 0 if not, or -ENOMEM. */
static int port_read(NicList *list, const json_t *value, StatedPort *ret) {
        const char *protocol = value_text(json_object_get(value, "protocol"), STATED_TEXT_MAX);
        const char *address = value_text(json_object_get(value, "address"), STATED_TEXT_MAX);
        StatedPort port = { 0 };

        if (!protocol || (strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0) ||
                        !port_number(value, "host", &port.host) || !port_number(value, "guest", &port.guest))
                return 0;
        port.is_udp = strcmp(protocol, "udp") == 0;
        if (arena_copy(&list->arena, address, &port.address) < 0)
                return -ENOMEM;
        *ret = port;
        return 1;
}

static int nic_read_ports(NicList *list, const Entry *entry, StatedNic *nic) {
        const json_t *array = entry_get(entry, "ports");
        size_t n_given = json_array_size(array);
        StatedPort *ports;

        if (array && !json_is_array(array))
                entry_ignored(entry, "ports", "an array", "taken as empty");
        if (n_given > STATED_PORTS_MAX)
                entry_ignored(entry, "ports", "fewer ports", "the last ones ignored");
        if (n_given == 0)
                return 0;

        nic->ports = ports = arena_allocate(&list->arena, MIN2(n_given, STATED_PORTS_MAX) * sizeof(*ports));
        if (!ports)
                return -ENOMEM;
        for (size_t i = 0; i < MIN2(n_given, STATED_PORTS_MAX); i++) {
                int r = port_read(list, json_array_get(array, i), ports + nic->n_ports);

                if (r < 0)
                        return r;
                if (r == 0)
                        entry_ignored(entry, "ports", "protocol, host and guest of each port",
                                        "the bad one ignored");
                nic->n_ports += r > 0;
        }
        return 0;
}

/* ---- NICs ---- */

static int nic_read_texts(NicList *list, const Entry *entry, StatedNic *nic) {
        const struct {
                const char *key;
                const char **text;
                size_t max;
        } rows[] = {
                { "uuid", &nic->uuid, STATED_TEXT_MAX },
                { "type", &nic->type, STATED_TEXT_MAX },
                { "network", &nic->network, NAME_LENGTH_MAX },
                { "bridge", &nic->bridge, INTERFACE_NAME_LENGTH_MAX },
                { "tap", &nic->tap, INTERFACE_NAME_LENGTH_MAX },
                { "reason", &nic->reason, STATED_TEXT_MAX },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (arena_copy(&list->arena, entry_text(entry, rows[i].key, rows[i].max, "it is ignored"),
                                    rows[i].text) < 0)
                        return -ENOMEM;
        return 0;
}

/* Appends the entry if it is a NIC, or a domain. */
static int nic_list_add(NicList *list, const Entry *entry) {
        const char *domain = value_text(entry_get(entry, "domain"), NAME_LENGTH_MAX);
        const json_t *mac = entry_get(entry, "mac-address");
        StatedNic nic = { .has_mac = mac }, *grown;

        if (!domain)
                (void) entry_skipped(entry, "domain", EXPECTED_TEXT);
        else if (mac && !value_mac(mac, &nic.mac))
                (void) entry_skipped(entry, "mac-address", "a MAC address");
        else if (list->n_nics >= STATED_NICS_MAX)
                (void) entry_skipped(entry, NULL, "fewer entries");
        else {
                grown = array_grow(list->nics, list->n_nics, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                list->nics = grown;
                if (arena_copy(&list->arena, domain, &nic.domain) < 0 ||
                                nic_read_texts(list, entry, &nic) < 0 ||
                                nic_read_ports(list, entry, &nic) < 0)
                        return -ENOMEM;
                list->nics[list->n_nics++] = nic;
        }
        return 0;
}

int domains_file_parse(const char *data, size_t size, NicList **ret, DocumentError *error) {
        _cleanup_(nic_list_freep) NicList *list = NULL;
        _cleanup_(entries_done) Entries entries = { 0 };
        Entry entry;
        int r;

        list = calloc(1, sizeof(*list));
        if (!list)
                return document_error_memory(error);
        entries_start(&entries, data, size, &list->problems);
        while ((r = entries_next(&entries, &entry, error)) > 0)
                if (nic_list_add(list, &entry) < 0)
                        return document_error_memory(error);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(list);
        return 0;
}

NicList *nic_list_free(NicList *list) {
        if (list) {
                free(list->nics);
                arena_done(&list->arena);
                free(list);
        }
        return NULL;
}
