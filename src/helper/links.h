/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's network interfaces (links), and which of them are ports of which, from rtnetlink.
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
        bool learns_not; /* a bridge's port without learning */
        bool is_current; /* during a dump: was in the dump */
} Link;

typedef struct Links {
        Link *links;
        size_t n_links;
        bool changed; /* a link was added, removed or changed */
} Links;

/* For _cleanup_(). */
void links_done(Links *links);

/* Handles a message of rtnetlink; messages that aren't about links are ignored.  Returns 0 or -ENOMEM. */
int links_take(Links *links, const struct nlmsghdr *message);

/* Enclose a dump of all links: removes links that weren't in it. */
void links_begin_dump(Links *links);
void links_end_dump(Links *links);

/* NULL: there is no such link. */
const Link *links_find(const Links *links, const char *name);
const Link *links_find_index(const Links *links, int index);

/* The link whose port this one is, or NULL. */
const Link *links_master(const Links *links, const Link *link);
