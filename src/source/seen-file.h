/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * BRIDGE.json: the addresses that NICs on a bridge were seen to have, as libvirt-resolve-seen states them, a
 * JSON array of objects; see libvirt-resolve-facts(5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/problem.h"
#include "util/address.h"
#include "util/arena.h"
#include "util/limits.h"
#include "util/util.h"

/* A MAC address's claim to an address.  Times are seconds since the epoch. */
typedef struct SeenAddress {
        Address address;
        MacAddress mac;
        char tap[INTERFACE_NAME_LENGTH_MAX + 1]; /* by which the claim came; "": not known */
        const char *by;                          /* what showed it: "arp", "nd", "dhcp"; or NULL */
        int64_t first_seen;                      /* 0: not known */
        int64_t confirmed;                       /* the last proof; 0: there is none yet */
        int64_t expiry;                          /* 0: not stated */
        bool contested;                          /* another MAC address claims it, too */
        const char *refused;                     /* why the helper doesn't believe it, a clause; or NULL */
} SeenAddress;

typedef struct SeenList {
        size_t n_addresses;
        SeenAddress *addresses; /* in the file's order */
        Problems problems;
        Arena arena;
} SeenList;

/*
 * Parses size bytes.  An entry without a valid address, MAC address, and times is skipped and counted; other
 * invalid values are ignored.  Returns 0 and the list, owned by the caller; -EBADMSG if the document as a
 * whole is invalid; -ENOMEM.  On failure *ret is untouched and *error says why.
 */
int seen_file_parse(const char *data, size_t size, SeenList **ret, DocumentError *error);

/* When an address is no longer answered: SEEN_LIFETIME_SEC after its last proof, or earlier if its file says
 * so. */
int64_t seen_address_end(const SeenAddress *seen);

/* Takes NULL; returns NULL. */
SeenList *seen_list_free(SeenList *list);
DEFINE_CLEANUP(SeenList *, seen_list_free);
