/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's bridges.
 */

#include "cli/bridges.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/json.h"
#include "util/address.h"

static inline void free_ifaddrsp(struct ifaddrs **list) {
        if (*list)
                freeifaddrs(*list);
}

static inline void free_nameindexp(struct if_nameindex **list) {
        if (*list)
                if_freenameindex(*list);
}

static bool is_bridge(const char *interface) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", interface);
        return access(path, F_OK) == 0;
}

static unsigned prefix_length(const uint8_t *mask, size_t n) {
        unsigned length = 0;

        for (size_t i = 0; i < n; i++)
                length += (unsigned) __builtin_popcount(mask[i]);
        return length;
}

/* The bytes of an address or mask.  NULL: the family isn't IPv4 or IPv6. */
static const uint8_t *address_bytes(int family, const struct sockaddr *address) {
        const struct sockaddr_in *in = (const void *) address;
        const struct sockaddr_in6 *in6 = (const void *) address;

        if (address && family == AF_INET)
                return (const uint8_t *) &in->sin_addr;
        if (address && family == AF_INET6)
                return in6->sin6_addr.s6_addr;
        return NULL;
}

static int add_address(json_t *addresses, const struct ifaddrs *a) {
        int family = a->ifa_addr ? a->ifa_addr->sa_family : AF_UNSPEC;
        const uint8_t *bytes = address_bytes(family, a->ifa_addr),
                      *mask = address_bytes(family, a->ifa_netmask);
        char text[ADDRESS_TEXT_MAX], with_prefix[ADDRESS_TEXT_MAX + 8];

        if (!bytes || !mask || address_is_link_local(family, bytes) ||
                        !inet_ntop(family, bytes, text, sizeof(text)))
                return 0;
        (void) snprintf(with_prefix, sizeof(with_prefix), "%s/%u", text,
                        prefix_length(mask, address_length(family)));
        return json_array_append_new(addresses, json_string(with_prefix));
}

static int add_bridge(json_t *bridges, const char *name, const struct ifaddrs *list) {
        json_t *bridge, *addresses = json_array();
        int r = 0;

        bridge = json_pack("{s:o, s:o}", "bridge", json_from_text(name), "addresses", addresses);
        if (!bridge)
                return -ENOMEM;
        for (const struct ifaddrs *a = list; a && r >= 0; a = a->ifa_next)
                if (strcmp(a->ifa_name, name) == 0)
                        r = add_address(addresses, a);
        if (json_array_append_new(bridges, bridge) < 0 || r < 0)
                return -ENOMEM;
        return 0;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(((const struct if_nameindex *) a)->if_name, ((const struct if_nameindex *) b)->if_name);
}

int bridges_list(json_t **ret) {
        _cleanup_(free_nameindexp) struct if_nameindex *names = if_nameindex();
        _cleanup_(free_ifaddrsp) struct ifaddrs *addresses = NULL;
        _cleanup_(json_decrefp) json_t *bridges = json_array();
        size_t n = 0;

        if (!names || getifaddrs(&addresses) < 0)
                return -errno;
        if (!bridges)
                return -ENOMEM;
        while (names[n].if_index != 0)
                n++;
        qsort(names, n, sizeof(*names), compare_names);
        for (size_t i = 0; i < n; i++)
                if (is_bridge(names[i].if_name) && add_bridge(bridges, names[i].if_name, addresses) < 0)
                        return -ENOMEM;
        *ret = TAKE_PTR(bridges);
        return 0;
}
