/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * BRIDGE.macs: the MAC addresses of a network's running domains, as libvirt's network driver writes them, a
 * JSON array of {"domain": ..., "macs": [...]}.
 */

#include <stddef.h>

#include "source/problem.h"
#include "util/address.h"
#include "util/util.h"

typedef struct DomainMacs {
        const char *domain; /* UTF-8, 1..NAME_LENGTH_MAX bytes, spelled as in the file */
        size_t n_macs;
        const MacAddress *macs;
} DomainMacs;

/* The domains of one document, in its order.  The map owns everything that it points to. */
typedef struct MacMap {
        size_t n_domains;
        DomainMacs *domains;
        Problems problems;
        MacAddress *macs;
        char *strings;
} MacMap;

/*
 * Parses a .macs document of size bytes, as tolerantly as status_file_parse(): an entry without a valid
 * "domain" is skipped; an invalid MAC address is ignored and the other ones of its domain are kept.  If
 * "macs" is missing or not an array, the domain has none.
 *
 * Returns 0 and the map, owned by the caller; -EBADMSG or -ENOMEM as there.  On failure *ret is untouched.
 */
int macs_file_parse(const char *data, size_t size, MacMap **ret, DocumentError *error);

/* Takes NULL; returns NULL. */
MacMap *mac_map_free(MacMap *map);
DEFINE_CLEANUP(MacMap *, mac_map_free);
