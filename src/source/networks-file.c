/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The DNS domains of virtual networks, out of networks.json.
 */

#include "source/networks-file.h"

#include <stdlib.h>
#include <string.h>

#include "source/json-entries.h"
#include "util/array.h"

static int add_entry(NetworkSuffixes *suffixes, const Entry *entry) {
        const char *bridge = entry_text(entry, "bridge", INTERFACE_NAME_LENGTH_MAX, "bridge ignored");
        const char *domain = entry_text(entry, "domain", NAME_LENGTH_MAX, "domain ignored");
        NetworkSuffix *grown;

        if (!bridge || !domain)
                return 0;
        if (suffixes->n >= NETWORK_SUFFIXES_MAX) {
                (void) entry_skipped(entry, NULL, "fewer networks with a domain");
                return 0;
        }
        grown = array_grow(suffixes->suffixes, suffixes->n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        suffixes->suffixes = grown;
        (void) stpcpy(grown[suffixes->n].interface, bridge);
        (void) stpcpy(grown[suffixes->n].name, domain);
        suffixes->n++;
        return 0;
}

int networks_file_parse(const char *data, size_t size, NetworkSuffixes *ret, DocumentError *error) {
        _cleanup_(network_suffixes_done) NetworkSuffixes suffixes = { 0 };
        _cleanup_(entries_done) Entries entries = { 0 };
        Entry entry;
        int r;

        entries_start(&entries, data, size, &suffixes.problems);
        while ((r = entries_next(&entries, &entry, error)) > 0)
                if (add_entry(&suffixes, &entry) < 0)
                        return document_error_memory(error);
        if (r < 0)
                return r;
        *ret = suffixes;
        suffixes.suffixes = NULL;
        return 0;
}

void network_suffixes_done(NetworkSuffixes *suffixes) {
        free(suffixes->suffixes);
        suffixes->suffixes = NULL;
        suffixes->n = 0;
}
