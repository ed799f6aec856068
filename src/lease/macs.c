/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The MAC addresses of a network's running domains, out of BRIDGE.macs.
 */

#include <errno.h>
#include <stdlib.h>

#include "lease/entries.h"
#include "lease/macs.h"
#include "util/limits.h"

/* At least as many as all the domains' MAC addresses that will be kept. */
static size_t count_macs(const Entries *entries) {
        size_t n_macs = 0;

        for (size_t i = 0; i < entries->n_entries; i++) {
                const json_t *macs = json_object_get(json_array_get(entries->array, i), "macs");

                n_macs += MIN2(json_array_size(macs), DOMAIN_MACS_MAX);
        }
        return n_macs;
}

/* Appends the domain's MAC addresses to macs; returns how many. */
static size_t domain_read_macs(const Entry *entry, MacAddress *macs) {
        const json_t *array = entry_get(entry, "macs");
        size_t n = json_array_size(array), n_macs = 0;

        if (array && !json_is_array(array))
                entry_ignored(entry, "macs", "an array", "taken as empty");
        if (n > DOMAIN_MACS_MAX)
                entry_ignored(entry, "macs", "fewer MAC addresses", "the last ones ignored");

        for (size_t i = 0; i < MIN2(n, DOMAIN_MACS_MAX); i++) {
                if (value_mac(json_array_get(array, i), &macs[n_macs]))
                        n_macs++;
                else
                        entry_ignored(entry, "macs", "MAC addresses", "the bad one ignored");
        }
        return n_macs;
}

/* Whether the entry is a domain; its name stays the entry's. */
static bool domain_read(const Entry *entry, DomainMacs *domain, MacAddress *macs) {
        const char *name = value_text(entry_get(entry, "domain"), NAME_LENGTH_MAX);

        if (!name)
                return entry_skipped(entry, "domain", EXPECTED_TEXT);

        *domain = (DomainMacs) {
                .domain = name,
                .n_macs = domain_read_macs(entry, macs),
                .macs = macs,
        };
        return true;
}

static int mac_map_keep_strings(MacMap *map) {
        size_t size = 1; /* malloc(0) may return NULL */
        char *cursor;

        for (size_t i = 0; i < map->n_domains; i++)
                size += strings_size(map->domains[i].domain);

        map->strings = cursor = malloc(size);
        if (!cursor)
                return -ENOMEM;

        for (size_t i = 0; i < map->n_domains; i++)
                map->domains[i].domain = strings_keep(&cursor, map->domains[i].domain);
        return 0;
}

int mac_map_parse(const char *data, size_t size, MacMap **ret, DocumentError *error) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;
        _cleanup_(entries_done) Entries entries = { 0 };
        size_t n_macs = 0;
        Entry entry;
        int r;

        map = calloc(1, sizeof(*map));
        if (!map)
                return document_error_memory(error);

        r = entries_load(&entries, data, size, &map->problems, error);
        if (r < 0)
                return r;

        map->domains = calloc(entries.n_entries + 1, sizeof(*map->domains));
        map->macs = calloc(count_macs(&entries) + 1, sizeof(*map->macs));
        if (!map->domains || !map->macs)
                return document_error_memory(error);

        while (entries_next(&entries, &entry))
                if (domain_read(&entry, &map->domains[map->n_domains], map->macs + n_macs))
                        n_macs += map->domains[map->n_domains++].n_macs;

        r = mac_map_keep_strings(map);
        if (r < 0)
                return document_error_memory(error);

        *ret = TAKE_PTR(map);
        return 0;
}

MacMap *mac_map_free(MacMap *map) {
        if (map) {
                free(map->strings);
                free(map->macs);
                free(map->domains);
                free(map);
        }
        return NULL;
}
