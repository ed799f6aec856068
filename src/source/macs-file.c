/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The MAC addresses of a network's running domains, out of BRIDGE.macs.
 */

#include "source/macs-file.h"

#include <errno.h>
#include <stdlib.h>

#include "source/json-entries.h"
#include "util/array.h"
#include "util/limits.h"
#include "util/strings.h"

/* Appends the MAC addresses of a domain to the *n that the map has.  Returns 0 or -ENOMEM. */
static int mac_map_add_macs(MacMap *map, size_t *n, const Entry *entry) {
        const json_t *array = entry_get(entry, "macs");
        size_t n_given = json_array_size(array);

        if (array && !json_is_array(array))
                entry_ignored(entry, "macs", "an array", "taken as empty");
        if (n_given > DOMAIN_MACS_MAX)
                entry_ignored(entry, "macs", "fewer MAC addresses", "the last ones ignored");

        for (size_t i = 0; i < MIN2(n_given, DOMAIN_MACS_MAX); i++) {
                MacAddress *macs = array_grow(map->macs, *n, sizeof(*macs));

                if (!macs)
                        return -ENOMEM;
                map->macs = macs;
                if (value_mac(json_array_get(array, i), &macs[*n]))
                        (*n)++;
                else
                        entry_ignored(entry, "macs", "MAC addresses", "the bad one ignored");
        }
        return 0;
}

/* Appends the entry if it is a domain.  Its name and MAC addresses are set by mac_map_finish(). */
static int mac_map_add(MacMap *map, size_t *n_macs, const Entry *entry, Strings *strings) {
        DomainMacs *domains = array_grow(map->domains, map->n_domains, sizeof(*domains));
        const char *name = value_text(entry_get(entry, "domain"), NAME_LENGTH_MAX);
        size_t n_before = *n_macs;

        if (!domains)
                return -ENOMEM;
        map->domains = domains;
        if (!name) {
                (void) entry_skipped(entry, "domain", EXPECTED_TEXT);
                return 0;
        }
        if (strings_add(strings, name) < 0 || mac_map_add_macs(map, n_macs, entry) < 0)
                return -ENOMEM;
        domains[map->n_domains++] = (DomainMacs) { .n_macs = *n_macs - n_before };
        return 0;
}

static void mac_map_finish(MacMap *map, size_t n_macs, Strings *strings) {
        const char *cursor;

        map->domains = array_shrink(map->domains, map->n_domains, sizeof(*map->domains));
        map->macs = array_shrink(map->macs, n_macs, sizeof(*map->macs));
        cursor = map->strings = strings_take(strings);
        n_macs = 0;
        for (size_t i = 0; i < map->n_domains; i++) {
                DomainMacs *domain = &map->domains[i];

                domain->domain = strings_next(&cursor, true);
                domain->macs = domain->n_macs > 0 ? map->macs + n_macs : NULL;
                n_macs += domain->n_macs;
        }
}

int macs_file_parse(const char *data, size_t size, MacMap **ret, DocumentError *error) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;
        _cleanup_(strings_done) Strings strings = { 0 };
        _cleanup_(entries_done) Entries entries = { 0 };
        size_t n_macs = 0;
        Entry entry;
        int r;

        map = calloc(1, sizeof(*map));
        if (!map)
                return document_error_memory(error);

        entries_start(&entries, data, size, &map->problems);
        while ((r = entries_next(&entries, &entry, error)) > 0)
                if (mac_map_add(map, &n_macs, &entry, &strings) < 0)
                        return document_error_memory(error);
        if (r < 0)
                return r;

        mac_map_finish(map, n_macs, &strings);
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
