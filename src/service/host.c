/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the host's network looks like.
 */

#include "service/host.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "service/address-monitor.h"
#include "service/log.h"
#include "service/routes.h"

void host_open(Host *host) {
        *host = (Host) { .fd = address_monitor_open() };
        if (host->fd < 0)
                log_warning("Changes of the host's addresses can't be watched: %s.", strerror(-host->fd));
}

void host_done(Host *host) {
        host_addresses_done(&host->addresses);
        close_safe(host->fd);
        host->fd = -1;
}

void host_forget(Host *host) {
        host->known = false;
}

bool host_refresh(Host *host) {
        bool was_known = host->known;

        if (host->fd < 0 || !address_monitor_drain(host->fd))
                return false;
        host->known = false;
        return was_known;
}

/* Interfaces and routes change more often than addresses: subscribe to them only where they matter. */
static void host_watch_guests(Host *host, bool on) {
        static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE };

        for (size_t i = 0; host->fd >= 0 && i < ELEMENTS(groups); i++)
                (void) setsockopt(host->fd, SOL_NETLINK,
                                on ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, groups + i,
                                sizeof(groups[i]));
}

static int gateway_compare(const void *a, const void *b) {
        return address_compare(a, b);
}

/* Without all next hops nothing that was seen is answered. */
static void read_gateways(HostAddresses *addresses, const SeenBridge *bridges, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = routes_read_gateways(bridges[i].interface, addresses);

                if (r < 0 && !addresses->gateways_unknown)
                        log_warning("The routes over %s can't be read (%s): addresses that were seen aren't "
                                    "answered.",
                                        bridges[i].interface, strerror(-r));
                addresses->gateways_unknown = addresses->gateways_unknown || r < 0;
        }
        if (addresses->n_gateways > 0)
                qsort(addresses->gateways, addresses->n_gateways, sizeof(*addresses->gateways),
                                gateway_compare);
}

int host_read(Host *host, bool has_guests, const SeenBridge *bridges, size_t n_bridges) {
        HostAddresses addresses = { 0 };
        int r;

        if (host->known && host->fd >= 0 && host->has_guests == has_guests)
                return 0;
        if (host->has_guests != has_guests)
                host_watch_guests(host, has_guests);
        host->has_guests = has_guests;
        r = host_addresses_read(&addresses);
        if (r < 0)
                return r;
        read_gateways(&addresses, bridges, n_bridges);
        host_addresses_done(&host->addresses);
        host->addresses = addresses;
        host->known = true;
        return 0;
}
