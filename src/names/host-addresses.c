/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's own addresses.
 */

#include "names/host-addresses.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

bool host_addresses_has(const HostAddresses *addresses, const char *interface, int family, bool link_local) {
        for (size_t i = 0; i < addresses->n_addresses; i++) {
                const HostAddress *h = addresses->addresses + i;

                if (h->address.family == family && strcmp(h->interface, interface) == 0 &&
                                (!link_local || address_is_link_local(family, h->address.bytes)))
                        return true;
        }
        return false;
}

bool host_addresses_is_own(const HostAddresses *addresses, const Address *address) {
        for (size_t i = 0; i < addresses->n_addresses; i++)
                if (address_compare(&addresses->addresses[i].address, address) == 0)
                        return true;
        return false;
}

/* Whether all bits of an address from the first one on have that value. */
static bool bits_are(const Address *address, size_t first, bool value) {
        for (size_t i = first; i < 8 * address_length(address->family); i++)
                if ((address->bytes[i / 8] >> (7 - i % 8) & 1) != value)
                        return false;
        return true;
}

bool host_address_is_networks(const HostAddress *host, const Address *address) {
        size_t n_bits = 8 * address_length(address->family);

        /* A network of one or two addresses has no room for any other. */
        if (host->prefix_length + 1U >= n_bits)
                return false;
        return bits_are(address, host->prefix_length, false) ||
               (address->family == AF_INET && bits_are(address, host->prefix_length, true));
}

static int link_compare(const void *a, const void *b) {
        return strcmp(((const HostLink *) a)->interface, ((const HostLink *) b)->interface);
}

const HostLink *host_addresses_link(const HostAddresses *addresses, const char *interface) {
        HostLink wanted = { 0 };

        if (addresses->n_links == 0 || strlen(interface) > INTERFACE_NAME_LENGTH_MAX)
                return NULL;
        (void) stpcpy(wanted.interface, interface);
        return bsearch(&wanted, addresses->links, addresses->n_links, sizeof(wanted), link_compare);
}

static int gateway_compare(const void *a, const void *b) {
        return address_compare(a, b);
}

bool host_addresses_is_gateway(const HostAddresses *addresses, const Address *address) {
        return addresses->n_gateways > 0 && bsearch(address, addresses->gateways, addresses->n_gateways,
                                                            sizeof(*address), gateway_compare);
}
