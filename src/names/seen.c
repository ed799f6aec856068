/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Judging the addresses that were seen on bridges.
 */

#include "names/seen.h"

#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

const char *seen_verdict_reason(SeenVerdict verdict) {
        static const char *const reasons[_SEEN_VERDICT_MAX] = {
                [SEEN_GOOD] = "nothing is wrong with it",
                [SEEN_UNBELIEVED] = "libvirt-resolve-seen doesn't believe it",
                [SEEN_UNCONFIRMED] = "the guest hasn't confirmed it yet",
                [SEEN_BAD_ADDRESS] = "no guest can have such an address",
                [SEEN_NO_NETWORK] = "the host has no address of that family on the bridge",
                [SEEN_OFF_LINK] = "it is in no network that the host has on the bridge",
                [SEEN_HOSTS_OWN] = "it is this host's own address",
                [SEEN_NETWORKS] = "it is the network's own address, or broadcast",
                [SEEN_GATEWAY] = "it is the next hop of one of this host's routes",
                [SEEN_NO_ROUTES] = "this host's routes can't be read",
                [SEEN_OTHER_TAP] = "it didn't come from the domain's own network card",
                [SEEN_TWO_DOMAINS] = "two running domains have that MAC address",
                [SEEN_STATIC] = "libvirt's configuration gives it to another MAC address",
                [SEEN_TOO_MANY] = "the network card has too many addresses",
                [SEEN_HELD] = "another guest had it first",
                [SEEN_LEASED] = "another guest has a lease of it",
                [SEEN_SUPERSEDED] = "the network card has a lease, which is answered instead",
                [SEEN_LINK_LOCAL] = "it is link-local, and the domain has another address",
                [SEEN_EXPIRED] = "the guest was last seen with it too long ago",
        };

        return verdict < _SEEN_VERDICT_MAX ? reasons[verdict] : "it is refused";
}

void seen_table_done(SeenTable *table) {
        free(table->addresses);
        *table = (SeenTable) { 0 };
}

/* ---- one claim ---- */

static SeenVerdict judge_link_local(const HostAddresses *host, const char *bridge, const Address *address) {
        if (host_addresses_is_own(host, address))
                return SEEN_HOSTS_OWN;
        if (!host_addresses_has(host, bridge, address->family, true))
                return SEEN_NO_NETWORK;
        return SEEN_GOOD;
}

static SeenVerdict judge_on_link(const HostAddresses *host, const char *bridge, const Address *address) {
        const HostAddress *own;

        if (host_addresses_is_own(host, address))
                return SEEN_HOSTS_OWN;
        if (!host_addresses_has(host, bridge, address->family, false))
                return SEEN_NO_NETWORK;
        own = host_addresses_find(host, address);
        if (!own || strcmp(own->interface, bridge) != 0)
                return SEEN_OFF_LINK;
        return host_address_is_networks(own, address) ? SEEN_NETWORKS : SEEN_GOOD;
}

SeenVerdict seen_judge_address(const HostAddresses *host, const char *bridge, const Address *address) {
        SeenVerdict v;

        if (!address_is_guests(address->family, address->bytes))
                return SEEN_BAD_ADDRESS;
        v = address_is_link_local(address->family, address->bytes) ? judge_link_local(host, bridge, address) :
                                                                     judge_on_link(host, bridge, address);
        if (v != SEEN_GOOD)
                return v;
        if (host->gateways_unknown)
                return SEEN_NO_ROUTES;
        return host_addresses_is_gateway(host, address) ? SEEN_GATEWAY : SEEN_GOOD;
}

/* Whether an interface is the tap that libvirt made for a NIC with that MAC address: it has the same one,
 * except that the first byte is 0xfe. */
static bool link_is_tap(const HostLink *link, const MacAddress *mac) {
        return link && link->mac.bytes[0] == 0xfe &&
               memcmp(link->mac.bytes + 1, mac->bytes + 1, sizeof(mac->bytes) - 1) == 0;
}

/* Judges whose NIC a claim came from.  own: the n_own domains that have the MAC address on the bridge. */
static SeenVerdict judge_tap(const SeenRules *rules, const SeenAddress *seen, const DomainMac *own,
                size_t n_own) {
        if (n_own > 1)
                return SEEN_TWO_DOMAINS;
        if (own->tap)
                return strcmp(own->tap, seen->tap) == 0 ? SEEN_GOOD : SEEN_OTHER_TAP;
        return link_is_tap(host_addresses_link(rules->host, seen->tap), &seen->mac) ? SEEN_GOOD :
                                                                                      SEEN_OTHER_TAP;
}

/* Whether the administrator gave an address to other MAC addresses only. */
static bool address_is_reserved(const SeenRules *rules, const SeenAddress *seen) {
        size_t low = 0, high = rules->n_reserved;
        bool reserved = false;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (address_compare(&rules->reserved[middle]->address, &seen->address) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < rules->n_reserved &&
                        address_compare(&rules->reserved[low]->address, &seen->address) == 0;
                        low++) {
                if (memcmp(&rules->reserved[low]->mac, &seen->mac, sizeof(seen->mac)) == 0)
                        return false;
                reserved = true;
        }
        return reserved;
}

static SeenVerdict judge_claim(const SeenRules *rules, const char *bridge, const SeenAddress *seen,
                const DomainMac *own, size_t n_own) {
        SeenVerdict v;

        if (seen->refused)
                return SEEN_UNBELIEVED;
        v = seen_judge_address(rules->host, bridge, &seen->address);
        if (v != SEEN_GOOD)
                return v;
        v = judge_tap(rules, seen, own, n_own);
        if (v != SEEN_GOOD)
                return v;
        if (address_is_reserved(rules, seen))
                return SEEN_STATIC;
        return seen->confirmed == 0 ? SEEN_UNCONFIRMED : SEEN_GOOD;
}

int seen_table_add(SeenTable *t, uint32_t network, const SeenBridge *bridge, const SeenRules *rules,
                Arena *arena) {
        for (size_t i = 0; i < bridge->list->n_addresses; i++) {
                const SeenAddress *seen = bridge->list->addresses + i;
                const DomainMac *own;
                size_t n_own = domain_table_find(rules->domains, network, &seen->mac, &own);
                JudgedAddress *j;

                if (n_own == 0)
                        continue;
                j = array_grow(t->addresses, t->n_addresses, sizeof(*j));
                if (!j)
                        return -ENOMEM;
                t->addresses = j;
                j += t->n_addresses++;
                *j = (JudgedAddress) {
                        .seen = *seen,
                        .domain = rules->domains->domains[own->domain].name,
                        .network = network,
                        .binding = UINT32_MAX,
                        .verdict = judge_claim(rules, bridge->interface, seen, own, n_own),
                        .outrun_until = INT64_MIN,
                };
                if (arena_copy(arena, seen->by, &j->seen.by) < 0 ||
                                arena_copy(arena, seen->refused, &j->seen.refused) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* ---- claims against each other ---- */

/* Time that isn't known comes last. */
static int time_compare(int64_t a, int64_t b) {
        if (a == b)
                return 0;
        if (a == 0 || b == 0)
                return a == 0 ? 1 : -1;
        return a < b ? -1 : 1;
}

/* By network and address; of one address, the MAC address that had it first comes first. */
static int holder_compare(const void *a, const void *b) {
        const JudgedAddress *x = *(JudgedAddress *const *) a, *y = *(JudgedAddress *const *) b;
        int r;

        if (x->network != y->network)
                return x->network < y->network ? -1 : 1;
        r = address_compare(&x->seen.address, &y->seen.address);
        if (r != 0)
                return r;
        r = time_compare(x->seen.first_seen, y->seen.first_seen);
        return r != 0 ? r : memcmp(&x->seen.mac, &y->seen.mac, sizeof(x->seen.mac));
}

static bool same_mac(const JudgedAddress *a, const JudgedAddress *b) {
        return a->network == b->network && memcmp(&a->seen.mac, &b->seen.mac, sizeof(a->seen.mac)) == 0;
}

/* The first of the same address keeps it until the end of its last proof. */
static void mark_held(JudgedAddress **sorted, size_t n) {
        for (size_t first = 0, i = 1; i < n; i++) {
                JudgedAddress *j = sorted[i], *holder = sorted[first];

                if (j->network != holder->network ||
                                address_compare(&j->seen.address, &holder->seen.address) != 0) {
                        first = i;
                        continue;
                }
                for (size_t k = first; k < i; k++)
                        if (!same_mac(sorted[k], j))
                                judged_outrun(j, seen_address_end(&sorted[k]->seen), SEEN_HELD);
                if (j->outrun_verdict == SEEN_HELD) {
                        j->rival = holder->domain;
                        j->seen.contested = holder->seen.contested = true;
                }
        }
}

/* Whether an IPv6 address has the interface identifier that is made of a MAC address (RFC 4291): it stays
 * the same for as long as the NIC does. */
static bool address_is_eui64(const Address *address, const MacAddress *mac) {
        const uint8_t *m = mac->bytes;
        const uint8_t id[8] = { m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5] };

        return address->family == AF_INET6 && memcmp(address->bytes + 8, id, sizeof(id)) == 0;
}

/* By NIC, then family, then in the order of answers. */
static int nic_compare(const void *a, const void *b) {
        const JudgedAddress *x = *(JudgedAddress *const *) a, *y = *(JudgedAddress *const *) b;
        bool x_first, y_first;
        int r;

        if (x->network != y->network)
                return x->network < y->network ? -1 : 1;
        r = memcmp(&x->seen.mac, &y->seen.mac, sizeof(x->seen.mac));
        if (r != 0)
                return r;
        if (x->seen.address.family != y->seen.address.family)
                return x->seen.address.family < y->seen.address.family ? -1 : 1;
        x_first = address_is_eui64(&x->seen.address, &x->seen.mac);
        y_first = address_is_eui64(&y->seen.address, &y->seen.mac);
        if (x_first != y_first)
                return x_first ? -1 : 1;
        r = time_compare(y->seen.confirmed, x->seen.confirmed);
        return r != 0 ? r : address_compare(&x->seen.address, &y->seen.address);
}

/* How many of the addresses of a network, from the first on, are left if each NIC may have that many.
 * Beyond, they are refused if refuse is set. */
static size_t network_share(JudgedAddress **sorted, size_t n, size_t share, bool refuse) {
        size_t kept = 0;

        for (size_t i = 0, rank = 0; i < n; i++) {
                if (i > 0 && !same_mac(sorted[i - 1], sorted[i]))
                        rank = 0;
                if (rank++ < share)
                        kept++;
                else if (refuse)
                        sorted[i]->verdict = SEEN_TOO_MANY;
        }
        return kept;
}

/* Refuses those of n addresses that exceed the limits.  sorted: by NIC; the order changes. */
static void mark_excess(JudgedAddress **sorted, size_t n, size_t n_max) {
        size_t n_kept = 0, share = 2 * SEEN_NIC_MAX;

        for (size_t i = 0, rank = 0; i < n; i++) {
                if (i > 0 && (!same_mac(sorted[i - 1], sorted[i]) ||
                                             sorted[i - 1]->seen.address.family !=
                                                             sorted[i]->seen.address.family))
                        rank = 0;
                if (rank++ >= SEEN_NIC_MAX)
                        sorted[i]->verdict = SEEN_TOO_MANY;
        }
        for (size_t i = 0; i < n; i++)
                if (sorted[i]->verdict == SEEN_GOOD)
                        sorted[n_kept++] = sorted[i];
        while (share > 0 && network_share(sorted, n_kept, share, false) > n_max)
                share--;
        (void) network_share(sorted, n_kept, share, true);
}

/* Calls mark_excess() for each network. */
static void mark_excesses(JudgedAddress **sorted, size_t n, size_t n_max) {
        for (size_t i = 0, end; i < n; i = end) {
                for (end = i + 1; end < n && sorted[end]->network == sorted[i]->network; end++)
                        ;
                mark_excess(sorted + i, end - i, n_max);
        }
}

int seen_table_finish(SeenTable *t, size_t n_max) {
        _cleanup_(freep) JudgedAddress **sorted = NULL;
        size_t n = 0;

        sorted = calloc(t->n_addresses + 1, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < t->n_addresses; i++)
                if (t->addresses[i].verdict == SEEN_GOOD)
                        sorted[n++] = t->addresses + i;
        qsort(sorted, n, sizeof(*sorted), nic_compare);
        mark_excesses(sorted, n, n_max);

        n = 0;
        for (size_t i = 0; i < t->n_addresses; i++)
                if (t->addresses[i].verdict == SEEN_GOOD)
                        sorted[n++] = t->addresses + i;
        qsort(sorted, n, sizeof(*sorted), holder_compare);
        mark_held(sorted, n);
        return 0;
}

void judged_outrun(JudgedAddress *j, int64_t until, SeenVerdict verdict) {
        if (until <= j->outrun_until)
                return;
        j->outrun_until = until;
        j->outrun_verdict = verdict;
}

const char *judged_reason(const JudgedAddress *j, SeenVerdict verdict) {
        return verdict == SEEN_UNBELIEVED && j->seen.refused ? j->seen.refused : seen_verdict_reason(verdict);
}

SeenVerdict judged_verdict(const JudgedAddress *j, int64_t now) {
        if (j->verdict != SEEN_GOOD)
                return j->verdict;
        if (binding_expired(seen_address_end(&j->seen), now))
                return SEEN_EXPIRED;
        return now <= j->outrun_until ? j->outrun_verdict : SEEN_GOOD;
}
