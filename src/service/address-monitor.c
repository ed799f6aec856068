/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's addresses.
 */

#include "service/address-monitor.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

int address_monitor_open(void) {
        const struct sockaddr_nl address = {
                .nl_family = AF_NETLINK,
                .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
        };
        _cleanup_(closep) int fd = -1;

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

bool address_monitor_drain(int fd) {
        char buffer[8192];
        bool received = false;

        while (fd >= 0) {
                ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != ENOBUFS)
                        break;
                received = true; /* a lost message (ENOBUFS) counts, too */
        }
        return received;
}

static const uint8_t *sockaddr_bytes(const struct sockaddr *address) {
        if (address->sa_family == AF_INET)
                return (const uint8_t *) &((const struct sockaddr_in *) (const void *) address)->sin_addr;
        return (const uint8_t *) &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr;
}

static uint8_t prefix_length(const uint8_t *mask, size_t n) {
        uint8_t length = 0;

        for (size_t i = 0; i < n; i++)
                length = (uint8_t) (length + __builtin_popcount(mask[i]));
        return length;
}

static int host_addresses_add(HostAddresses *addresses, const struct ifaddrs *i) {
        int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
        HostAddress *grown, *h;

        if (address_length(family) == 0 || !i->ifa_netmask || strlen(i->ifa_name) > INTERFACE_NAME_LENGTH_MAX)
                return 0;
        grown = array_grow(addresses->addresses, addresses->n_addresses, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        addresses->addresses = grown;
        h = grown + addresses->n_addresses++;
        *h = (HostAddress) {
                .address.family = (uint8_t) family,
                .prefix_length = prefix_length(sockaddr_bytes(i->ifa_netmask), address_length(family)),
        };
        memcpy(h->address.bytes, sockaddr_bytes(i->ifa_addr), address_length(family));
        (void) stpcpy(h->interface, i->ifa_name);
        return 0;
}

/* Adds an interface, if it has a MAC address. */
static int host_links_add(HostAddresses *addresses, const struct ifaddrs *i) {
        const struct sockaddr_ll *address = (const void *) i->ifa_addr;
        HostLink *grown, *l;

        if (!address || address->sll_family != AF_PACKET || address->sll_halen != sizeof(l->mac.bytes) ||
                        strlen(i->ifa_name) > INTERFACE_NAME_LENGTH_MAX)
                return 0;
        grown = array_grow(addresses->links, addresses->n_links, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        addresses->links = grown;
        l = grown + addresses->n_links++;
        *l = (HostLink) { 0 };
        memcpy(l->mac.bytes, address->sll_addr, sizeof(l->mac.bytes));
        (void) stpcpy(l->interface, i->ifa_name);
        return 0;
}

static int link_compare(const void *a, const void *b) {
        return strcmp(((const HostLink *) a)->interface, ((const HostLink *) b)->interface);
}

int host_addresses_read(HostAddresses *ret) {
        _cleanup_(host_addresses_done) HostAddresses addresses = { 0 };
        struct ifaddrs *list;
        int r = 0;

        if (getifaddrs(&list) < 0)
                return -errno;
        for (const struct ifaddrs *i = list; i && r >= 0; i = i->ifa_next)
                if ((r = host_addresses_add(&addresses, i)) >= 0)
                        r = host_links_add(&addresses, i);
        freeifaddrs(list);
        if (r < 0)
                return r;
        if (addresses.n_links > 0)
                qsort(addresses.links, addresses.n_links, sizeof(*addresses.links), link_compare);
        *ret = addresses;
        addresses = (HostAddresses) { 0 };
        return 0;
}

void host_addresses_done(HostAddresses *addresses) {
        free(addresses->addresses);
        free(addresses->links);
        free(addresses->gateways);
        *addresses = (HostAddresses) { 0 };
}
