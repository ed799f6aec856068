/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's network interfaces (links), and which of them are ports of which, as rtnetlink tells it.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"
#include "util/limits.h"

#define INTERFACE_NAME_SIZE (INTERFACE_NAME_LENGTH_MAX + 1)

typedef struct Link {
        int index, master; /* master 0: none */
        char name[INTERFACE_NAME_SIZE];
        MacAddress mac; /* zero if it has none of that length */
        bool is_bridge, is_tap;
        uint16_t vlan;   /* of a bridge that filters VLANs: its own */
        bool learns_not; /* a bridge's port whose frames teach the bridge nothing */
        bool is_current; /* during a dump: it was in it */
} Link;

typedef struct Links {
        Link *links;
        size_t n_links;
        bool changed; /* a link came, went, or is another one */
} Links;

/* For _cleanup_(). */
void links_done(Links *links);

/* Takes in one message of rtnetlink; others than those on links are ignored.  Returns 0 or -ENOMEM. */
int links_take(Links *links, const struct nlmsghdr *message);

/* Around a dump of all links: what wasn't in it is removed. */
void links_begin_dump(Links *links);
void links_end_dump(Links *links);

/* NULL: there is no such link. */
const Link *links_find(const Links *links, const char *name);
const Link *links_find_index(const Links *links, int index);

/* The link that this one is a port of, or NULL. */
const Link *links_master(const Links *links, const Link *link);
