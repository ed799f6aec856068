/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A binding: an address of a guest, and what a source says about its holder.  The word is DHCP's
 * (RFC 2131).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/problem.h"
#include "util/address.h"
#include "util/strings.h"
#include "util/util.h"

/* Where a binding comes from.  The values are part of the index's format. */
typedef enum BindingSource {
        SOURCE_LEASE = 0,  /* a DHCP lease, in BRIDGE.status */
        SOURCE_STATIC = 1, /* the administrator's, in NETWORK.hostsfile or .addnhosts */
        SOURCE_SEEN = 2,   /* an address that a domain's NIC was seen to have, in BRIDGE.json */
        _BINDING_SOURCE_MAX,
} BindingSource;

typedef struct Binding {
        int64_t expiry;        /* seconds since the epoch; 0: never expires */
        const char *hostname;  /* spelled as in the file; UTF-8, 1 to NAME_LENGTH_MAX bytes; or NULL */
        const char *client_id; /* UTF-8, at most CLIENT_ID_LENGTH_MAX bytes; or NULL */
        uint32_t position;     /* of its entry in the document, from 0 */
        Address address;
        MacAddress mac; /* valid if has_mac */
        bool has_mac;
        uint8_t source; /* BindingSource */
} Binding;

/* The bindings of one document, in its order.  The list owns all strings. */
typedef struct BindingList {
        size_t n_bindings;
        Binding *bindings;
        Problems problems;
        char *strings;
} BindingList;

/* Takes NULL; returns NULL. */
BindingList *binding_list_free(BindingList *list);
DEFINE_CLEANUP(BindingList *, binding_list_free);

/* Appends a copy of the binding.  Its strings are copied to the builder; the list's own pointers to them are
 * valid only after binding_list_finish().  Returns 0 or -ENOMEM. */
int binding_list_add(BindingList *list, const Binding *binding, Strings *strings);

/* Gives the list the strings, and back the memory that it doesn't need. */
void binding_list_finish(BindingList *list, Strings *strings);

/* Whether the binding is over at now (seconds since the epoch).  As in libvirt, a lease is valid up to and
 * including its last second. */
static inline bool binding_expired(int64_t expiry, int64_t now) {
        return expiry != 0 && expiry < now;
}

/* Whether a binding that ends at a lasts longer than one that ends at b. */
static inline bool binding_outlasts(int64_t a, int64_t b) {
        return b != 0 && (a == 0 || a > b);
}
