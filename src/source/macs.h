/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The MAC addresses of a network's running domains, as libvirt's network driver
 * writes them to BRIDGE.macs: a JSON array of {"domain": ..., "macs": [...]}.
 */

#include <stddef.h>

#include "util/address.h"
#include "source/problem.h"
#include "util/util.h"

typedef struct DomainMacs {
        const char *domain; /* UTF-8, 1..NAME_LENGTH_MAX bytes, spelled as in the file */
        size_t n_macs;
        const MacAddress *macs;
} DomainMacs;

/* The domains of one document, in its order.  The map owns all that it points to. */
typedef struct MacMap {
        size_t n_domains;
        DomainMacs *domains;
        LeaseProblems problems;
        MacAddress *macs;
        char *strings;
} MacMap;

/*
 * Reads a .macs document of size bytes, as tolerantly as lease_list_parse():
 * an entry without a good "domain" is skipped, a bad MAC address is ignored and
 * the others of its domain kept.  "macs" missing or no array: a domain without.
 *
 * Returns 0 and the map, which the caller frees; -EBADMSG or -ENOMEM, as there.
 * On failure *ret is untouched.
 */
int mac_map_parse(const char *data, size_t size, MacMap **ret, DocumentError *error);

/* Takes NULL; returns NULL. */
MacMap *mac_map_free(MacMap *map);
DEFINE_CLEANUP(MacMap *, mac_map_free);
