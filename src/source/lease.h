/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A network's DHCP leases, as libvirt's leaseshelper writes them to
 * BRIDGE.status: a JSON array of objects, one a lease.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"
#include "source/problem.h"
#include "util/util.h"

typedef struct Lease {
        int64_t expiry;        /* seconds since the epoch; 0 = never expires */
        const char *hostname;  /* as the guest told it, UTF-8, 1..NAME_LENGTH_MAX bytes; or NULL */
        const char *client_id; /* UTF-8, at most CLIENT_ID_LENGTH_MAX bytes; or NULL */
        uint32_t place;        /* in the document's array, from 0 */
        Address address;
        MacAddress mac;        /* where has_mac */
        bool has_mac;
} Lease;

/* The leases of one document, in its order.  The list owns every string. */
typedef struct LeaseList {
        size_t n_leases;
        Lease *leases;
        LeaseProblems problems;
        char *strings;
} LeaseList;

/*
 * Reads a .status document of size bytes.
 *
 * Tolerant: no bytes and blanks alone are an empty list; unknown keys and nested
 * values are ignored; an entry without an object, or without a good "ip-address",
 * or whose "expiry-time" is there and not an integer (null counts as not there),
 * is skipped; a bad "mac-address", "hostname" or "client-id" is ignored and its
 * entry kept.  Each is counted and described in (*ret)->problems.
 * "expiry-time" missing or null: 0, never expires.  A negative one: long expired.
 * A string with a NUL in it (\u0000) is bad: it never cuts a name short.
 *
 * Returns 0 and the list, which the caller frees; -EBADMSG where the bytes
 * aren't a JSON array; -ENOMEM.  error says why and, where the bytes aren't JSON, where.
 * On failure *ret is untouched.
 */
int lease_list_parse(const char *data, size_t size, LeaseList **ret, DocumentError *error);

/* Takes NULL; returns NULL. */
LeaseList *lease_list_free(LeaseList *list);
DEFINE_CLEANUP(LeaseList *, lease_list_free);

/* Whether the lease is over at now (seconds since the epoch).  libvirt's rule:
 * the lease is good up to and with its last second. */
static inline bool lease_expired(int64_t expiry, int64_t now) {
        return expiry != 0 && expiry < now;
}
