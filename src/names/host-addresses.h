/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's own addresses, which tell on which network another address is: it is on-link there.  With them,
 * what else the kernel says of the host's networks: the MAC addresses of its interfaces, and the next hops
 * of its routes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"
#include "util/limits.h"

typedef struct HostAddress {
        Address address;
        uint8_t prefix_length;
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
} HostAddress;

typedef struct HostLink {
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
        MacAddress mac;
} HostLink;

typedef struct HostAddresses {
        size_t n_addresses;
        HostAddress *addresses;
        size_t n_links;
        HostLink *links; /* those of Ethernet, by interface */
        size_t n_gateways;
        Address *gateways;     /* in the order of addresses */
        bool gateways_unknown; /* they couldn't be read, or are too many */
} HostAddresses;

/* The host's address in whose network another one is: that of the longest prefix.  Returns NULL if the other
 * one is on-link nowhere, link-local (on-link everywhere), or the host's own. */
const HostAddress *host_addresses_find(const HostAddresses *addresses, const Address *address);

/* Whether the host has an address of that family on an interface; if link_local, one that is link-local. */
bool host_addresses_has(const HostAddresses *addresses, const char *interface, int family, bool link_local);

/* Whether an address is the host's own, on any interface. */
bool host_addresses_is_own(const HostAddresses *addresses, const Address *address);

/* Whether an address in the network of one of the host's isn't a guest's there: all bits of the host part
 * are 0 (the network's own address; for IPv6, any router's), or all are 1 (broadcast). */
bool host_address_is_networks(const HostAddress *host, const Address *address);

/* The interface of that name, or NULL. */
const HostLink *host_addresses_link(const HostAddresses *addresses, const char *interface);

/* Whether an address is the next hop of a route. */
bool host_addresses_is_gateway(const HostAddresses *addresses, const Address *address);
