/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's own addresses, which tell on which network another address is: it is on-link there.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/address.h"
#include "util/limits.h"

typedef struct HostAddress {
        Address address;
        uint8_t prefix_length;
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
} HostAddress;

typedef struct HostAddresses {
        size_t n_addresses;
        HostAddress *addresses;
} HostAddresses;

/* The host's address in whose network another one is: that of the longest prefix.  Returns NULL if the other
 * one is on-link nowhere, link-local (on-link everywhere), or the host's own. */
const HostAddress *host_addresses_find(const HostAddresses *addresses, const Address *address);
