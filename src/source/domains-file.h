/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The network cards (NICs) of running domains, as libvirt-resolve-domains states them in domains.json: a
 * JSON array of objects; see libvirt-resolve-facts(5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/problem.h"
#include "util/address.h"
#include "util/arena.h"
#include "util/util.h"

/* A port of the host that passt forwards to the guest. */
typedef struct StatedPort {
        bool is_udp;
        uint16_t host, guest;
        const char *address; /* of the host; NULL: any */
} StatedPort;

/* A NIC; or, if has_mac is false, a domain that has none.  Texts are UTF-8; those that weren't stated are
 * NULL. */
typedef struct StatedNic {
        const char *domain; /* never NULL */
        const char *uuid, *type, *network;
        const char *bridge, *tap; /* names of interfaces */
        const char *reason;       /* why the host can't see the NIC's addresses: a clause */
        MacAddress mac;           /* valid if has_mac */
        bool has_mac;
        size_t n_ports;
        const StatedPort *ports;
} StatedNic;

typedef struct NicList {
        size_t n_nics;
        StatedNic *nics; /* in the file's order */
        Problems problems;
        Arena arena;
} NicList;

/*
 * Parses size bytes.  An entry without a domain, or with an invalid MAC address, is skipped and counted;
 * other invalid values are ignored.  Returns 0 and the list, owned by the caller; -EBADMSG if the document
 * as a whole is invalid; -ENOMEM.  On failure *ret is untouched and *error says why.
 */
int domains_file_parse(const char *data, size_t size, NicList **ret, DocumentError *error);

/* Takes NULL; returns NULL. */
NicList *nic_list_free(NicList *list);
DEFINE_CLEANUP(NicList *, nic_list_free);
