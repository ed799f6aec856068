/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/lookup.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "service/clock.h"
#include "service/manager.h"

/* The network with an interface index. */
typedef struct Network {
        char buffer[IF_NAMESIZE];
        const char *interface; /* NULL: any; "": none has that ifindex */
} Network;

static int network_of(uint32_t ifindex, Network *ret) {
        ret->interface = ifindex == 0 ? NULL : if_indextoname(ifindex, ret->buffer);
        if (ifindex == 0 || ret->interface)
                return 0;
        if (errno != ENXIO)
                return -errno;
        ret->interface = "";
        return 0;
}

/* ---- names ---- */

static int lookup_variant(const Manager *m, const Question *q, NameVariant variant, const Network *network,
                Answer *ret) {
        if (!flags_want(q->flags, variant))
                return LOOKUP_NO_NAME;
        return index_find_name(&m->index, variant, q->name, q->family, network->interface, clock_now(), ret);
}

static bool found_has(const Found *found, const IndexEntry *e) {
        for (size_t i = 0; i < found->n_entries; i++) {
                const IndexEntry *other = found->entries[i];

                if (other->family == e->family &&
                                memcmp(other->address, e->address, address_length(e->family)) == 0 &&
                                (!address_is_link_local(e->family, e->address) ||
                                                strcmp(other->interface, e->interface) == 0))
                        return true;
        }
        return false;
}

static void found_add(Found *found, const Answer *answer) {
        for (size_t i = 0; i < answer->n_entries && found->n_entries < FOUND_ENTRIES_MAX; i++)
                if (!found_has(found, answer->entries + i))
                        found->entries[found->n_entries++] = answer->entries + i;
        if (!found->canonical_name)
                found->canonical_name = answer_name(answer, answer->entries);
}

static void found_merge(Found *found) {
        found->n_entries = 0;
        found->canonical_name = NULL;
        if (found->lease == LOOKUP_FOUND)
                found_add(found, &found->lease_answer);
        if (found->domain == LOOKUP_FOUND)
                found_add(found, &found->domain_answer);
}

int lookup_name(const Manager *m, const Question *q, Found *ret) {
        Network network;
        int r;

        r = network_of(q->ifindex, &network);
        if (r < 0)
                return r;
        ret->lease = lookup_variant(m, q, VARIANT_LEASE, &network, &ret->lease_answer);
        ret->domain = lookup_variant(m, q, VARIANT_DOMAIN, &network, &ret->domain_answer);
        if (ret->lease < 0 || ret->domain < 0)
                return MIN2(ret->lease, ret->domain);
        found_merge(ret);
        return 0;
}

void found_drop_static(Found *found) {
        /* An answer never mixes leases and static names. */
        if (found->lease != LOOKUP_FOUND || found->lease_answer.entries->source != SOURCE_STATIC)
                return;
        found->lease = LOOKUP_NO_NAME;
        found_merge(found);
}

/* ---- addresses ---- */

int lookup_address(const Manager *m, NameVariant variant, const Address *address, uint32_t ifindex,
                Answer *ret) {
        Network network;
        int r;

        r = network_of(ifindex, &network);
        if (r < 0)
                return r;
        return index_find_address(&m->index, variant, address->family, address->bytes, network.interface,
                        clock_now(), ret);
}

/* ---- refusals ---- */

NameVerdict lookup_refusal(const Manager *m, NameVariant variant, const char *name, const Claim **ret) {
        int64_t now = clock_now();
        char folded[NAME_SIZE];
        size_t first, n;

        *ret = NULL;
        if (name_fold(name, folded) == 0)
                return NAME_GOOD;

        n = catalog_find(m->catalog, variant, folded, &first);
        for (size_t i = first; i < first + n; i++) {
                const Claim *c = m->catalog->claims + m->catalog->by_name[i];

                if (claim_judge(c, now) != NAME_GOOD) {
                        *ret = c;
                        return claim_judge(c, now);
                }
        }
        return policy_judge_name(&m->policy, folded);
}
