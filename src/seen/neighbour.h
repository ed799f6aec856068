/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * rtnetlink's messages about neighbours: the port where a bridge has learned a MAC address (its forwarding
 * database), and the MAC address that the host found at an address.
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
        bool learned;  /* from a frame, so the next frame may move it to another port */
        bool removed;
} FdbEntry;

/* An entry of the host's neighbour table with a definite result. */
typedef struct Neighbour {
        int interface;
        Address address;
        bool failed;    /* nobody answered */
        MacAddress mac; /* unless failed */
} Neighbour;

/* Both return whether the message is such an entry. */
bool fdb_entry_read(const struct nlmsghdr *message, FdbEntry *ret);
bool neighbour_read(const struct nlmsghdr *message, Neighbour *ret);
