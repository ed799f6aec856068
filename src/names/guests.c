/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The NICs of running domains, and their addresses.
 */

#include "names/guests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

void guest_list_done(GuestList *list) {
        free(list->guests);
        free(list->addresses);
        *list = (GuestList) { 0 };
}

/* ---- addresses ---- */

static int mac_compare(const GuestAddress *a, const GuestAddress *b) {
        if (a->network != b->network)
                return a->network < b->network ? -1 : 1;
        return memcmp(&a->mac, &b->mac, sizeof(a->mac));
}

static int address_compare_guests(const void *a, const void *b) {
        const GuestAddress *x = a, *y = b;
        int r;

        r = mac_compare(x, y);
        if (r != 0)
                return r;
        if (!x->seen != !y->seen)
                return x->seen ? 1 : -1;
        if (x->seen)
                return x->seen < y->seen ? -1 : x->seen > y->seen;
        return catalog_binding_compare(x->binding, y->binding);
}

static int list_addresses(GuestList *list, const Catalog *c) {
        list->addresses = calloc(c->n_bindings + c->n_seen + 1, sizeof(*list->addresses));
        if (!list->addresses)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_bindings; i++) {
                const CatalogBinding *b = c->bindings + i;

                if (b->binding->has_mac && b->binding->source != SOURCE_SEEN)
                        list->addresses[list->n_addresses++] = (GuestAddress) {
                                .network = b->network,
                                .mac = b->binding->mac,
                                .binding = b,
                        };
        }
        for (size_t i = 0; i < c->n_seen; i++) {
                const JudgedAddress *j = c->seen + i;

                list->addresses[list->n_addresses++] = (GuestAddress) {
                        .network = j->network,
                        .mac = j->seen.mac,
                        .binding = j->binding == CATALOG_NONE ? NULL : c->bindings + j->binding,
                        .seen = j,
                };
        }
        qsort(list->addresses, list->n_addresses, sizeof(*list->addresses), address_compare_guests);
        return 0;
}

/* Sets the addresses of a guest on a network. */
static void guest_find_addresses(Guest *guest, const GuestList *list, uint32_t network) {
        const GuestAddress wanted = { .network = network, .mac = guest->mac };
        size_t low = 0, high = list->n_addresses;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (mac_compare(list->addresses + middle, &wanted) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        guest->addresses = list->addresses + low;
        while (low + guest->n_addresses < list->n_addresses &&
                        mac_compare(list->addresses + low + guest->n_addresses, &wanted) == 0)
                guest->n_addresses++;
}

/* ---- guests ---- */

static int list_add(GuestList *list, const Guest *guest) {
        Guest *grown = array_grow(list->guests, list->n_guests, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        list->guests = grown;
        grown[list->n_guests++] = *guest;
        return 0;
}

/* The catalog's network of a bridge; CATALOG_NONE if it has none. */
static uint32_t find_network(const Catalog *c, const char *interface) {
        for (size_t i = 0; interface && i < c->n_networks; i++)
                if (strcmp(c->networks[i].interface, interface) == 0)
                        return (uint32_t) i;
        return CATALOG_NONE;
}

static int list_add_nics(GuestList *list, const Catalog *c, const NicList *nics, const HostAddresses *host) {
        int r = 0;

        for (size_t i = 0; nics && i < nics->n_nics && r >= 0; i++) {
                const StatedNic *nic = nics->nics + i;
                Guest guest = {
                        .domain = nic->domain,
                        .nic = nic,
                        .interface = nic->bridge,
                        .mac = nic->mac,
                        .has_mac = nic->has_mac,
                };

                if (nic->tap && !host_addresses_link(host, nic->tap))
                        continue;
                if (nic->has_mac && nic->bridge)
                        guest_find_addresses(&guest, list, find_network(c, nic->bridge));
                r = list_add(list, &guest);
        }
        return r;
}

static int nic_compare(const void *a, const void *b) {
        const Guest *x = a, *y = b;
        int r;

        r = strcmp(x->domain, y->domain);
        if (r != 0)
                return r;
        if (x->has_mac != y->has_mac)
                return x->has_mac ? 1 : -1;
        return memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

/* Adds a domain's MAC address on a network, or a domain that has none there, unless a NIC among the first
 * n_nics says more of it. */
static int list_add_mac(GuestList *list, size_t n_nics, const Catalog *c, uint32_t network,
                const char *domain, const MacAddress *mac) {
        Guest guest = { .domain = domain, .interface = c->networks[network].interface, .has_mac = mac };

        if (mac)
                guest.mac = *mac;
        if (n_nics > 0 && bsearch(&guest, list->guests, n_nics, sizeof(guest), nic_compare))
                return 0;
        if (mac)
                guest_find_addresses(&guest, list, network);
        return list_add(list, &guest);
}

static int list_add_maps(GuestList *list, const Catalog *c) {
        size_t n_nics = list->n_guests;
        int r = 0;

        if (n_nics > 0)
                qsort(list->guests, n_nics, sizeof(*list->guests), nic_compare);
        for (uint32_t i = 0; i < c->n_networks; i++) {
                const MacMap *map = c->networks[i].macs ? c->networks[i].macs->macs : NULL;

                for (size_t k = 0; map && k < map->n_domains && r >= 0; k++) {
                        const DomainMacs *d = map->domains + k;

                        if (d->n_macs == 0)
                                r = list_add_mac(list, n_nics, c, i, d->domain, NULL);
                        for (size_t m = 0; m < d->n_macs && r >= 0; m++)
                                r = list_add_mac(list, n_nics, c, i, d->domain, d->macs + m);
                }
        }
        return r;
}

static int guest_compare(const void *a, const void *b) {
        const Guest *x = a, *y = b;
        int r;

        r = strcmp(x->domain, y->domain);
        if (r != 0)
                return r;
        r = strcmp(x->interface ?: "", y->interface ?: "");
        return r != 0 ? r : memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

int guest_list_make(const Catalog *catalog, const NicList *nics, const HostAddresses *host, GuestList *ret) {
        _cleanup_(guest_list_done) GuestList list = { 0 };
        int r;

        r = list_addresses(&list, catalog);
        if (r >= 0)
                r = list_add_nics(&list, catalog, nics, host);
        if (r >= 0)
                r = list_add_maps(&list, catalog);
        if (r < 0)
                return r;
        if (list.n_guests > 0)
                qsort(list.guests, list.n_guests, sizeof(*list.guests), guest_compare);
        *ret = list;
        list = (GuestList) { 0 };
        return 0;
}

/* ---- answers and refusals ---- */

bool guest_address_is_answered(const Catalog *c, const GuestAddress *a, int64_t now) {
        if (!a->binding || binding_expired(a->binding->binding->expiry, now))
                return false;
        for (uint32_t i = a->binding->first_claim; i < a->binding->first_claim + a->binding->n_claims; i++)
                if (claim_judge(c->claims + i, now) == NAME_GOOD)
                        return true;
        return false;
}

static bool is_watched(const char *interface, const SeenBridge *bridges, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(bridges[i].interface, interface) == 0)
                        return true;
        return false;
}

/* Why no address on the bridge can be reached, or NULL.  From a link-local address of the host, only the
 * guest's link-local one can. */
static const char *bridge_reason(const HostAddresses *host, const char *interface) {
        bool link_local = false;

        for (size_t i = 0; i < host->n_addresses; i++) {
                const HostAddress *h = host->addresses + i;

                if (strcmp(h->interface, interface) != 0)
                        continue;
                if (!address_is_link_local(h->address.family, h->address.bytes))
                        return NULL;
                link_local = true;
        }
        return link_local ? "this host has only a link-local address on its bridge" :
                            "this host has no address on its bridge";
}

const char *guest_reason(const Catalog *c, const Guest *guest, const HostAddresses *host,
                const SeenBridge *bridges, size_t n_bridges, int64_t now) {
        for (size_t i = 0; i < guest->n_addresses; i++)
                if (guest_address_is_answered(c, guest->addresses + i, now))
                        return NULL;
        for (size_t i = 0; i < guest->n_addresses; i++) {
                const JudgedAddress *j = guest->addresses[i].seen;

                if (j && judged_verdict(j, now) != SEEN_GOOD)
                        return judged_reason(j, judged_verdict(j, now));
        }
        if (guest->nic && guest->nic->reason)
                return guest->nic->reason;
        if (!guest->has_mac)
                return "it has no network card";
        if (!guest->interface)
                return "it is on no bridge of this host";
        if (!is_watched(guest->interface, bridges, n_bridges))
                return "it has no lease, and libvirt-resolve-seen doesn't watch its bridge";
        return bridge_reason(host, guest->interface) ?: "it hasn't shown an address yet";
}
