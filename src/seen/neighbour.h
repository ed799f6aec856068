/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What rtnetlink says of neighbours: where a bridge has learned a MAC address (its forwarding database),
 * and which MAC address the host found at an address.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/address.h"

/* An entry of a bridge's forwarding database. */
typedef struct FdbEntry {
        int bridge, port; /* interface indices */
        MacAddress mac;
        uint16_t vlan; /* 0: none */
        bool learned;  /* from a frame; such an entry follows the next frame to another port */
        bool removed;
} FdbEntry;

/* An entry of the host's neighbour table that says whether somebody is there. */
typedef struct Neighbour {
        int interface;
        Address address;
        bool failed;    /* nobody answered */
        MacAddress mac; /* unless failed */
} Neighbour;

/* Both return whether the message is one. */
bool fdb_entry_read(const struct nlmsghdr *message, FdbEntry *ret);
bool neighbour_read(const struct nlmsghdr *message, Neighbour *ret);
