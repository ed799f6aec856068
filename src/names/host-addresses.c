/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's own addresses.
 */

#include "names/host-addresses.h"

#include <stdbool.h>
#include <string.h>

#include "util/util.h"

static bool host_address_has(const HostAddress *h, const Address *address) {
        size_t whole = h->prefix_length / 8;
        uint8_t mask = (uint8_t) (0xff00 >> h->prefix_length % 8);

        if (h->address.family != address->family || h->prefix_length > 8 * address_length(address->family))
                return false;
        if (memcmp(h->address.bytes, address->bytes, whole) != 0)
                return false;
        return mask == 0 || ((h->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

const HostAddress *host_addresses_find(const HostAddresses *addresses, const Address *address) {
        const HostAddress *found = NULL;

        if (address_is_link_local(address->family, address->bytes))
                return NULL;
        for (size_t i = 0; i < addresses->n_addresses; i++) {
                const HostAddress *h = addresses->addresses + i;

                if (address_compare(&h->address, address) == 0)
                        return NULL;
                if (h->prefix_length > 0 && host_address_has(h, address) &&
                    (!found || h->prefix_length > found->prefix_length))
                        found = h;
        }
        return found;
}
