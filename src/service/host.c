/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The configuration of the host's network.
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

/* libvirt gives a tap its guest's MAC address with this first byte. */
#define TAP_MAC_FIRST 0xfe

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

void host_invalidate(Host *host) {
        host->known = false;
}

/* Interfaces and routes change more often than addresses: subscribes to them only if they matter. */
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

/* Unless all next hops are known, no address that was seen is answered. */
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

/* ---- interfaces ---- */

static int name_compare(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The taps in the facts, sorted; the caller frees the array. */
static int stated_taps(const NicList *nics, const char ***ret, size_t *ret_n) {
        const char **taps = calloc((nics ? nics->n_nics : 0) + 1, sizeof(*taps));
        size_t n = 0;

        if (!taps)
                return -ENOMEM;
        for (size_t i = 0; nics && i < nics->n_nics; i++)
                if (nics->nics[i].tap)
                        taps[n++] = nics->nics[i].tap;
        qsort(taps, n, sizeof(*taps), name_compare);
        *ret = taps;
        *ret_n = n;
        return 0;
}

/* Drops interfaces that are neither in the facts nor look like libvirt's taps: those of containers come and
 * go, which must not count as a change. */
static int keep_taps(HostAddresses *addresses, const NicList *nics) {
        _cleanup_(freep) const char **taps = NULL;
        size_t n_taps, n = 0;
        int r;

        r = stated_taps(nics, &taps, &n_taps);
        if (r < 0)
                return r;
        for (size_t i = 0; i < addresses->n_links; i++) {
                const HostLink *l = addresses->links + i;
                const char *name = l->interface;

                if (l->mac.bytes[0] == TAP_MAC_FIRST ||
                                bsearch(&name, taps, n_taps, sizeof(*taps), name_compare))
                        addresses->links[n++] = *l;
        }
        addresses->n_links = n;
        return 0;
}

/* ---- reading ---- */

static int read_all(const Facts *facts, HostAddresses *ret) {
        _cleanup_(host_addresses_done) HostAddresses addresses = { 0 };
        const SeenBridge *bridges;
        size_t n_bridges;
        int r;

        r = host_addresses_read(&addresses);
        if (r < 0)
                return r;
        if (!facts_have_guests(facts))
                addresses.n_links = 0;
        else {
                r = keep_taps(&addresses, facts_nics(facts));
                if (r < 0)
                        return r;
                bridges = facts_bridges(facts, &n_bridges);
                read_gateways(&addresses, bridges, n_bridges);
        }
        *ret = addresses;
        addresses = (HostAddresses) { 0 };
        return 0;
}

static bool arrays_equal(const void *a, size_t n_a, const void *b, size_t n_b, size_t size) {
        return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * size) == 0);
}

/* Compares bytes: no element has padding. */
static bool addresses_equal(const HostAddresses *a, const HostAddresses *b) {
        return a->gateways_unknown == b->gateways_unknown &&
               arrays_equal(a->addresses, a->n_addresses, b->addresses, b->n_addresses,
                               sizeof(*a->addresses)) &&
               arrays_equal(a->links, a->n_links, b->links, b->n_links, sizeof(*a->links)) &&
               arrays_equal(a->gateways, a->n_gateways, b->gateways, b->n_gateways, sizeof(*a->gateways));
}

bool host_refresh(Host *host, const Facts *facts) {
        _cleanup_(host_addresses_done) HostAddresses addresses = { 0 };

        if (host->fd < 0 || !address_monitor_drain(host->fd) || !host->known)
                return false;
        if (read_all(facts, &addresses) >= 0 && addresses_equal(&addresses, &host->addresses))
                return false;
        host->known = false;
        return true;
}

int host_read(Host *host, const Facts *facts) {
        bool has_guests = facts_have_guests(facts);
        HostAddresses addresses;
        int r;

        if (host->known && host->fd >= 0 && host->has_guests == has_guests)
                return 0;
        if (host->has_guests != has_guests)
                host_watch_guests(host, has_guests);
        host->has_guests = has_guests;
        r = read_all(facts, &addresses);
        if (r < 0)
                return r;
        host_addresses_done(&host->addresses);
        host->addresses = addresses;
        host->known = true;
        return 0;
}
