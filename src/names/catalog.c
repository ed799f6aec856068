/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All claims to names.  A claim is refused by the policy; because the name is a libvirt domain's and the
 * lease isn't that domain's; because the lease is superseded; or because a running domain's lease has the
 * same hostname.  The leases of a domain are those on a network whose MAC map has their MAC address.
 */

#include "names/catalog.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "names/domains.h"
#include "names/mac-leases.h"
#include "util/array.h"

typedef struct Builder {
        Catalog *catalog;
        const CatalogSources *sources;
        const NamePolicy *policy;
        DomainTable domains;
        MacLeases mac_leases;
        SeenTable seen;
        size_t n_statics;
} Builder;

static const BindingList *network_leases(const CatalogNetwork *network) {
        return network->status ? network->status->bindings : NULL;
}

static const MacMap *network_macs(const CatalogNetwork *network) {
        return network->macs ? network->macs->macs : NULL;
}

/* ---- networks ---- */

/* The position of an interface's network, which is added if there is none. */
static int catalog_find_network(Catalog *c, const char *interface, uint32_t *ret) {
        CatalogNetwork *grown;
        size_t i = 0;

        while (i < c->n_networks && strcmp(c->networks[i].interface, interface) != 0)
                i++;
        if (i == c->n_networks) {
                grown = reallocarray(c->networks, c->n_networks + 1, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                c->networks = grown;
                c->networks[c->n_networks] = (CatalogNetwork) { 0 };
                (void) stpcpy(c->networks[c->n_networks++].interface, interface);
        }
        *ret = (uint32_t) i;
        return 0;
}

/* ---- claims ---- */

static int builder_add_claims(Builder *b, uint32_t binding, uint32_t network, NameVariant variant,
                const NameForm *forms, size_t n) {
        Catalog *c = b->catalog;

        for (size_t i = 0; i < n; i++) {
                Claim *claims = array_grow(c->claims, c->n_claims, sizeof(*claims));

                if (!claims || c->n_claims >= CATALOG_NONE)
                        return -ENOMEM;
                c->claims = claims;
                c->claims[c->n_claims++] = (Claim) {
                        .key = forms[i].key,
                        .name = forms[i].name,
                        .binding = binding,
                        .network = network,
                        .variant = variant,
                        .verdict = forms[i].verdict,
                        .outrun_until = OUTRUN_NEVER,
                        .outrun_verdict = NAME_OF_RUNNING,
                };
        }
        return 0;
}

static bool binding_is_guests(const Binding *binding) {
        return address_is_guests(binding->address.family, binding->address.bytes);
}

/* Adds the claims to the lease's hostname.  own: the n_own domains that the lease belongs to. */
static int builder_add_hostname_claims(Builder *b, uint32_t index, const DomainMac *own, size_t n_own) {
        CatalogBinding *l = b->catalog->bindings + index;
        const char *interface = b->catalog->networks[l->network].interface;
        const char *hostname = l->binding->hostname;
        NameForm forms[NAME_FORMS_MAX];
        char folded[NAME_SIZE];
        NameVerdict verdict;
        int n;

        if (b->policy->hostnames_off || !hostname || name_fold(hostname, folded) == 0)
                return 0;

        l->verdict = policy_judge_hostname(b->policy, interface, folded);
        if (!binding_is_guests(l->binding))
                l->verdict = NAME_BAD_ADDRESS;
        else if (l->verdict == NAME_GOOD && domain_table_takes(&b->domains, folded, own, n_own))
                l->verdict = NAME_TAKEN;
        verdict = l->verdict == NAME_GOOD && l->superseded ? NAME_SUPERSEDED : l->verdict;

        n = name_forms_make(b->policy, interface, hostname, verdict, &b->catalog->strings, forms);
        if (n < 0)
                return n;
        for (int i = 0; i < n; i++)
                if (forms[i].verdict == NAME_GOOD &&
                                domain_table_takes(&b->domains, forms[i].key, own, n_own))
                        forms[i].verdict = NAME_TAKEN;
        return builder_add_claims(b, index, l->network, VARIANT_LEASE, forms, (size_t) n);
}

static int builder_add_domain_claims(Builder *b, uint32_t index, const Domain *d) {
        CatalogBinding *l = b->catalog->bindings + index;
        const NameForm *forms = b->domains.forms + d->first_form;
        size_t first = b->catalog->n_claims;
        int r;

        r = builder_add_claims(b, index, l->network, VARIANT_DOMAIN, forms, d->n_forms);
        if (r < 0)
                return r;
        for (size_t i = first; i < b->catalog->n_claims; i++) {
                Claim *claim = b->catalog->claims + i;

                if (!binding_is_guests(l->binding))
                        claim->verdict = NAME_BAD_ADDRESS;
                else if (claim->verdict == NAME_GOOD && l->superseded)
                        claim->verdict = NAME_SUPERSEDED;
        }
        return 0;
}

/* ---- leases ---- */

static int builder_add_lease_claims(Builder *b, uint32_t index) {
        CatalogBinding *l = b->catalog->bindings + index;
        const DomainMac *own = NULL;
        size_t n_own = 0;
        int r;

        l->first_claim = (uint32_t) b->catalog->n_claims;
        if (l->binding->has_mac)
                n_own = domain_table_find(&b->domains, l->network, &l->binding->mac, &own);
        r = builder_add_hostname_claims(b, index, own, n_own);
        for (size_t i = 0; i < n_own && r >= 0; i++) {
                Domain *d = b->domains.domains + own[i].domain;

                r = builder_add_domain_claims(b, index, d);
                d->leased = true;
                if (!l->domain)
                        l->domain = d->name;
        }
        l->n_claims = (uint32_t) b->catalog->n_claims - l->first_claim;
        return r;
}

/* How many leases of a network count if each network may have that many. */
static size_t network_count_leases(const CatalogNetwork *network, size_t share) {
        const BindingList *list = network_leases(network);

        return list ? MIN2(list->n_bindings, share) : 0;
}

static size_t catalog_count_leases(const Catalog *c, size_t share) {
        size_t n = 0;

        for (size_t i = 0; i < c->n_networks; i++)
                n += network_count_leases(c->networks + i, share);
        return n;
}

/* The largest share for which all networks together have at most n_max leases.  Networks that have fewer
 * than the share lose none. */
static size_t catalog_share(const Catalog *c, size_t n_max) {
        size_t low = 0, high = n_max;

        while (low < high) {
                size_t middle = low + (high - low + 1) / 2;

                if (catalog_count_leases(c, middle) <= n_max)
                        low = middle;
                else
                        high = middle - 1;
        }
        return low;
}

static int catalog_set_leases(Catalog *c, size_t share) {
        c->bindings = calloc(catalog_count_leases(c, share) + 1, sizeof(*c->bindings));
        if (!c->bindings)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_networks; i++) {
                const BindingList *list = network_leases(c->networks + i);
                size_t n = network_count_leases(c->networks + i, share);

                for (size_t k = 0; k < n; k++)
                        c->bindings[c->n_leases++] = (CatalogBinding) {
                                .binding = list->bindings + k,
                                .network = (uint32_t) i,
                        };
                if (list)
                        c->n_dropped += list->n_bindings - n;
        }
        return 0;
}

static int builder_add_leases(Builder *b, size_t n_max) {
        Catalog *c = b->catalog;
        int r;

        r = catalog_set_leases(c, catalog_share(c, n_max));
        if (r < 0)
                return r;
        r = mac_leases_make(c, &b->mac_leases);
        if (r < 0)
                return r;
        mac_leases_mark(&b->mac_leases, c);
        for (size_t i = 0; i < c->n_leases && r >= 0; i++)
                r = builder_add_lease_claims(b, (uint32_t) i);
        return r;
}

/* ---- addresses that were seen ---- */

/* Adds the binding, and its claims to the names of its domain. */
static int builder_add_seen_address(Builder *b, JudgedAddress *j) {
        Catalog *c = b->catalog;
        CatalogBinding *s = c->bindings + c->n_bindings;
        const DomainMac *own;
        Binding *binding;
        int r;

        binding = arena_allocate(&c->strings, sizeof(*binding));
        if (!binding)
                return -ENOMEM;
        *binding = (Binding) {
                .expiry = seen_address_end(&j->seen),
                .position = (uint32_t) (j - b->seen.addresses),
                .address = j->seen.address,
                .mac = j->seen.mac,
                .has_mac = true,
                .source = SOURCE_SEEN,
        };
        judged_outrun(j, mac_leases_end(&b->mac_leases, c, j->network, binding), SEEN_SUPERSEDED);
        *s = (CatalogBinding) {
                .binding = binding,
                .network = j->network,
                .first_claim = (uint32_t) c->n_claims,
                .domain = j->domain,
                .nameless = j->seen.contested,
        };
        j->binding = (uint32_t) c->n_bindings++;
        if (domain_table_find(&b->domains, j->network, &j->seen.mac, &own) == 0)
                return 0;
        r = builder_add_domain_claims(b, j->binding, b->domains.domains + own->domain);
        s->n_claims = (uint32_t) c->n_claims - s->first_claim;
        for (size_t i = s->first_claim; i < c->n_claims; i++) {
                c->claims[i].outrun_until = j->outrun_until;
                c->claims[i].outrun_verdict = NAME_SEEN;
        }
        return r;
}

static int judged_compare_address(const void *a, const void *b) {
        const JudgedAddress *x = *(JudgedAddress *const *) a, *y = *(JudgedAddress *const *) b;

        return address_compare(&x->seen.address, &y->seen.address);
}

/* Lets the addresses among n, sorted by address, wait for the end of leases that others have of them. */
static void catalog_outrun_seen(const Catalog *c, JudgedAddress **sorted, size_t n) {
        for (size_t i = 0; n > 0 && i < c->n_leases; i++) {
                const Binding *lease = c->bindings[i].binding;
                JudgedAddress wanted = { .seen.address = lease->address }, *p = &wanted, **found;

                found = bsearch(&p, sorted, n, sizeof(p), judged_compare_address);
                if (!found)
                        continue;
                while (found > sorted && judged_compare_address(found - 1, &p) == 0)
                        found--;
                for (; found < sorted + n && judged_compare_address(found, &p) == 0; found++)
                        if (!lease->has_mac ||
                                        memcmp(&lease->mac, &(*found)->seen.mac, sizeof(lease->mac)) != 0)
                                judged_outrun(*found, lease->expiry == 0 ? INT64_MAX : lease->expiry,
                                                SEEN_LEASED);
        }
}

static int builder_outrun_seen(Builder *b) {
        _cleanup_(freep) JudgedAddress **sorted = NULL;
        size_t n = 0;

        sorted = calloc(b->seen.n_addresses + 1, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < b->seen.n_addresses; i++)
                if (b->seen.addresses[i].verdict == SEEN_GOOD)
                        sorted[n++] = b->seen.addresses + i;
        qsort(sorted, n, sizeof(*sorted), judged_compare_address);
        catalog_outrun_seen(b->catalog, sorted, n);
        return 0;
}

static int reserved_compare(const void *a, const void *b) {
        const Binding *const *x = a, *const *y = b;

        return address_compare(&(*x)->address, &(*y)->address);
}

/* The static names that say which MAC address has an address, the caller's. */
static int sources_reserved(const CatalogSources *sources, const Binding ***ret, size_t *ret_n) {
        const Binding **reserved = NULL;
        size_t n = 0, n_max = 0;

        for (size_t i = 0; i < sources->n_documents; i++)
                n_max += sources->documents[i]->bindings->n_bindings;
        reserved = calloc(n_max + 1, sizeof(*reserved));
        if (!reserved)
                return -ENOMEM;
        for (size_t i = 0; i < sources->n_documents; i++) {
                const BindingList *list = sources->documents[i]->bindings;

                for (size_t k = 0; k < list->n_bindings; k++)
                        if (list->bindings[k].has_mac)
                                reserved[n++] = list->bindings + k;
        }
        qsort(reserved, n, sizeof(*reserved), reserved_compare);
        *ret = reserved;
        *ret_n = n;
        return 0;
}

/* Judges the addresses that were seen on all bridges. */
static int builder_judge_seen(Builder *b) {
        const CatalogSources *sources = b->sources;
        SeenRules rules = { .domains = &b->domains, .host = &sources->host };
        int r;

        r = sources_reserved(sources, &rules.reserved, &rules.n_reserved);
        for (size_t i = 0; i < sources->n_bridges && r >= 0; i++) {
                const SeenBridge *bridge = sources->bridges + i;
                uint32_t network;

                r = catalog_find_network(b->catalog, bridge->interface, &network);
                if (r >= 0)
                        r = seen_table_add(&b->seen, network, bridge, &rules, &b->catalog->strings);
        }
        free(rules.reserved);
        return r < 0 ? r : seen_table_finish(&b->seen, SEEN_BRIDGE_MAX);
}

static int builder_add_seen(Builder *b) {
        Catalog *c = b->catalog;
        CatalogBinding *grown;
        int r;

        c->n_bindings = c->n_leases;
        if (b->sources->n_bridges == 0)
                return 0;
        r = builder_judge_seen(b);
        if (r >= 0)
                r = builder_outrun_seen(b);
        if (r < 0)
                return r;
        grown = reallocarray(c->bindings, c->n_leases + b->seen.n_addresses + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        c->bindings = grown;
        for (size_t i = 0; i < b->seen.n_addresses && r >= 0; i++)
                if (b->seen.addresses[i].verdict == SEEN_GOOD)
                        r = builder_add_seen_address(b, b->seen.addresses + i);
        c->seen = TAKE_PTR(b->seen.addresses);
        c->n_seen = b->seen.n_addresses;
        return r;
}

/* ---- static names ---- */

static int builder_add_static_claims(Builder *b, uint32_t index) {
        CatalogBinding *s = b->catalog->bindings + index;
        const char *interface = b->catalog->networks[s->network].interface;
        NameForm forms[NAME_FORMS_MAX];
        char folded[NAME_SIZE];
        int n, r;

        s->first_claim = (uint32_t) b->catalog->n_claims;
        if (name_fold(s->binding->hostname, folded) == 0)
                return 0;
        s->verdict = policy_judge_hostname(b->policy, interface, folded);
        n = name_forms_make(b->policy, interface, s->binding->hostname, s->verdict, &b->catalog->strings,
                        forms);
        if (n < 0)
                return n;
        r = builder_add_claims(b, index, s->network, VARIANT_LEASE, forms, (size_t) n);
        s->n_claims = (uint32_t) b->catalog->n_claims - s->first_claim;
        if (s->binding->has_mac)
                for (size_t i = s->first_claim; i < b->catalog->n_claims; i++)
                        b->catalog->claims[i].outrun_until =
                                        mac_leases_end(&b->mac_leases, b->catalog, s->network, s->binding);
        return r;
}

/* Adds a static name if its address is on-link, and its guest runs or isn't known by a MAC address. */
static int builder_add_static(Builder *b, const Binding *binding) {
        const HostAddress *on_link = host_addresses_find(&b->sources->host, &binding->address);
        Catalog *c = b->catalog;
        CatalogBinding *grown;
        const DomainMac *own;
        uint32_t network;
        int r;

        if (!on_link || !binding_is_guests(binding) || b->n_statics >= CATALOG_STATIC_MAX)
                return 0;
        r = catalog_find_network(c, on_link->interface, &network);
        if (r < 0)
                return r;
        if (binding->has_mac && domain_table_find(&b->domains, network, &binding->mac, &own) == 0)
                return 0;

        grown = reallocarray(c->bindings, c->n_bindings + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        c->bindings = grown;
        c->bindings[c->n_bindings] = (CatalogBinding) { .binding = binding, .network = network };
        b->n_statics++;
        return builder_add_static_claims(b, (uint32_t) c->n_bindings++);
}

static int builder_add_statics(Builder *b) {
        const CatalogSources *sources = b->sources;
        Catalog *c = b->catalog;
        int r = 0;

        if (b->policy->static_off)
                return 0;
        c->documents = calloc(sources->n_documents + 1, sizeof(*c->documents));
        if (!c->documents)
                return -ENOMEM;
        for (; c->n_documents < sources->n_documents && r >= 0; c->n_documents++) {
                const Document *d = sources->documents[c->n_documents];

                c->documents[c->n_documents] = document_ref(sources->documents[c->n_documents]);
                for (size_t i = 0; i < d->bindings->n_bindings && r >= 0; i++)
                        r = builder_add_static(b, d->bindings->bindings + i);
        }
        return r;
}

/* ---- domains ---- */

static int builder_add_domains(Builder *b) {
        int r = 0;

        for (size_t i = 0; i < b->catalog->n_networks; i++) {
                const CatalogNetwork *n = b->catalog->networks + i;
                const MacMap *map = network_macs(n);

                for (size_t k = 0; map && k < map->n_domains && r >= 0; k++)
                        r = domain_table_add(&b->domains, (uint32_t) i, n->interface, map->domains + k,
                                        b->policy, &b->catalog->strings);
        }
        return r;
}

/* By bridge, then domain. */
static int nic_compare(const void *a, const void *b) {
        const StatedNic *x = *(const StatedNic *const *) a, *y = *(const StatedNic *const *) b;
        int r;

        r = strcmp(x->bridge ?: "", y->bridge ?: "");
        return r != 0 ? r : strcmp(x->domain, y->domain);
}

/* The NICs that are still there, sorted; the caller's.  A helper that has died leaves its file behind. */
static int sources_nics(const CatalogSources *sources, const StatedNic ***ret, size_t *ret_n) {
        const NicList *list = sources->nics;
        const StatedNic **nics;
        size_t n = 0;

        nics = calloc(list->n_nics + 1, sizeof(*nics));
        if (!nics)
                return -ENOMEM;
        for (size_t i = 0; i < list->n_nics; i++)
                if (!list->nics[i].tap || host_addresses_link(&sources->host, list->nics[i].tap))
                        nics[n++] = list->nics + i;
        qsort(nics, n, sizeof(*nics), nic_compare);
        *ret = nics;
        *ret_n = n;
        return 0;
}

/* A domain on no bridge gets a network without a name, so that nobody else has the domain's name. */
static int builder_add_nics(Builder *b) {
        _cleanup_(freep) const StatedNic **nics = NULL;
        uint32_t network = 0;
        size_t n;
        int r;

        if (!b->sources->nics)
                return 0;
        r = sources_nics(b->sources, &nics, &n);
        if (r >= 0)
                r = domain_table_start_nics(&b->domains);
        for (size_t i = 0; i < n && r >= 0; i++) {
                const char *bridge = nics[i]->bridge ?: "";

                r = catalog_find_network(b->catalog, bridge, &network);
                if (r >= 0)
                        r = domain_table_add_nic(&b->domains, network, bridge, nics[i], b->policy,
                                        &b->catalog->strings);
        }
        return r;
}

/* A domain without a lease has claims, too: they tell it from a name that doesn't exist. */
static int builder_add_leaseless_domains(Builder *b) {
        int r = 0;

        for (size_t i = 0; i < b->domains.n_domains && r >= 0; i++) {
                const Domain *d = b->domains.domains + i;

                if (!d->leased)
                        r = builder_add_claims(b, CATALOG_NONE, d->network, VARIANT_DOMAIN,
                                        b->domains.forms + d->first_form, d->n_forms);
        }
        return r;
}

/* ---- order ---- */

/* IPv4, then IPv6, then addresses that work only together with an interface. */
static int seen_order(const Address *address) {
        return address->family == AF_INET                             ? 0 :
               address_is_link_local(address->family, address->bytes) ? 2 :
                                                                        1;
}

int catalog_binding_compare(const CatalogBinding *a, const CatalogBinding *b) {
        static const int ranks[_BINDING_SOURCE_MAX] = {
                [SOURCE_LEASE] = 0,
                [SOURCE_SEEN] = 1,
                [SOURCE_STATIC] = 2,
        };
        int64_t x = a->binding->expiry, y = b->binding->expiry;

        if (a->binding->source != b->binding->source)
                return ranks[a->binding->source] < ranks[b->binding->source] ? -1 : 1;
        if (a->binding->source == SOURCE_SEEN) {
                int r = seen_order(&a->binding->address) - seen_order(&b->binding->address);

                if (r != 0)
                        return r;
        }
        if (x != y) {
                if (x == 0 || y == 0)
                        return x == 0 ? 1 : -1;
                return x > y ? -1 : 1;
        }
        return a < b ? -1 : a > b;
}

static int claim_compare(const void *a, const void *b, void *userdata) {
        const Catalog *catalog = userdata;
        uint32_t i = *(const uint32_t *) a, k = *(const uint32_t *) b;
        const Claim *x = catalog->claims + i, *y = catalog->claims + k;
        int r;

        if (x->variant != y->variant)
                return x->variant < y->variant ? -1 : 1;
        r = strcmp(x->key, y->key);
        if (r != 0)
                return r;
        if (x->binding != y->binding) {
                if (x->binding == CATALOG_NONE || y->binding == CATALOG_NONE)
                        return x->binding == CATALOG_NONE ? 1 : -1;
                return catalog_binding_compare(catalog->bindings + x->binding,
                                catalog->bindings + y->binding);
        }
        return i < k ? -1 : i > k;
}

static int catalog_sort(Catalog *c) {
        c->by_name = calloc(c->n_claims + 1, sizeof(*c->by_name));
        if (!c->by_name)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_claims; i++)
                c->by_name[i] = (uint32_t) i;
        qsort_r(c->by_name, c->n_claims, sizeof(*c->by_name), claim_compare, c);
        return 0;
}

/* ---- running domains first ---- */

/* The number of claims to the same name in the same variant, from one in by_name on. */
static size_t catalog_count_rivals(const Catalog *c, size_t first) {
        const Claim *x = c->claims + c->by_name[first];
        size_t n = 1;

        while (first + n < c->n_claims) {
                const Claim *y = c->claims + c->by_name[first + n];

                if (x->variant != y->variant || strcmp(x->key, y->key) != 0)
                        break;
                n++;
        }
        return n;
}

static bool claim_is_running(const Catalog *c, const Claim *claim) {
        return claim->binding != CATALOG_NONE && c->bindings[claim->binding].domain;
}

static int64_t claim_end(const Catalog *c, const Claim *claim) {
        int64_t expiry = c->bindings[claim->binding].binding->expiry;

        return expiry == 0 ? INT64_MAX : expiry;
}

static bool claim_is_static(const Catalog *c, const Claim *claim) {
        return claim->binding != CATALOG_NONE && c->bindings[claim->binding].binding->source == SOURCE_STATIC;
}

/* Whether the claim's address works only together with an interface. */
static bool claim_is_scoped(const Catalog *c, const Claim *claim) {
        const Binding *b = claim->binding == CATALOG_NONE ? NULL : c->bindings[claim->binding].binding;

        return b && b->source == SOURCE_SEEN && address_is_link_local(b->address.family, b->address.bytes);
}

/* The end of the leases of domains whose name a key is.  (Addresses that were seen cost no static name.) */
static int64_t catalog_domain_end(const Catalog *c, const char *key) {
        size_t first, n = catalog_find(c, VARIANT_DOMAIN, key, &first);
        int64_t end = OUTRUN_NEVER;

        for (size_t i = first; i < first + n; i++) {
                const Claim *claim = c->claims + c->by_name[i];

                if (claim->verdict == NAME_GOOD && claim->binding < c->n_leases)
                        end = MAX2(end, claim_end(c, claim));
        }
        return end;
}

/* Lets a static name wait for the end of all leases with the name; those of its MAC address are known. */
static void claim_outrun_static(const Catalog *c, Claim *claim, int64_t end) {
        end = MAX2(end, catalog_domain_end(c, claim->key));
        claim->outrun_until = MAX2(claim->outrun_until, end);
        claim->outrun_verdict = NAME_LEASED;
}

/* Of a domain's addresses, every other one outruns a link-local one that was seen.  Claims: n of by_name. */
static void catalog_outrun_scoped(Catalog *c, const uint32_t *claims, size_t n) {
        int64_t end = OUTRUN_NEVER;

        for (size_t i = 0; i < n; i++) {
                const Claim *claim = c->claims + claims[i];

                if (claim->verdict == NAME_GOOD && claim->binding != CATALOG_NONE &&
                                !claim_is_scoped(c, claim))
                        end = MAX2(end, claim_end(c, claim));
        }
        for (size_t i = 0; i < n; i++) {
                Claim *claim = c->claims + claims[i];

                if (!claim_is_scoped(c, claim))
                        continue;
                claim->outrun_until = MAX2(claim->outrun_until, end);
                judged_outrun(c->seen + c->bindings[claim->binding].binding->position, end, SEEN_LINK_LOCAL);
        }
}

/* Of leases with the same hostname, those of running domains outrun the others while they last.  All leases
 * outrun static names. */
static void catalog_outrun(Catalog *c) {
        for (size_t i = 0, n; i < c->n_claims; i += n) {
                int64_t end = OUTRUN_NEVER, any_end = OUTRUN_NEVER;

                n = catalog_count_rivals(c, i);
                if (c->claims[c->by_name[i]].variant != VARIANT_LEASE) {
                        catalog_outrun_scoped(c, c->by_name + i, n);
                        continue;
                }
                for (size_t k = i; k < i + n; k++) {
                        const Claim *claim = c->claims + c->by_name[k];

                        if (claim->verdict != NAME_GOOD || claim_is_static(c, claim))
                                continue;
                        any_end = MAX2(any_end, claim_end(c, claim));
                        if (claim_is_running(c, claim))
                                end = MAX2(end, claim_end(c, claim));
                }
                for (size_t k = i; k < i + n; k++) {
                        Claim *claim = c->claims + c->by_name[k];

                        if (claim_is_static(c, claim))
                                claim_outrun_static(c, claim, any_end);
                        else if (claim->verdict == NAME_GOOD && !claim_is_running(c, claim))
                                claim->outrun_until = end;
                }
        }
}

/* ---- the catalog ---- */

static int builder_run(Builder *b, size_t n_leases_max) {
        Catalog *c = b->catalog;
        int r;

        r = builder_add_domains(b);
        if (r >= 0)
                r = builder_add_nics(b);
        if (r >= 0)
                r = domain_table_finish(&b->domains);
        if (r < 0)
                return r;
        r = builder_add_leases(b, n_leases_max);
        if (r < 0)
                return r;
        r = builder_add_seen(b);
        if (r < 0)
                return r;
        r = builder_add_statics(b);
        if (r < 0)
                return r;
        r = builder_add_leaseless_domains(b);
        if (r < 0)
                return r;

        c->claims = array_shrink(c->claims, c->n_claims, sizeof(*c->claims));
        r = catalog_sort(c);
        if (r < 0)
                return r;
        catalog_outrun(c);
        return 0;
}

static int catalog_set_networks(Catalog *c, const CatalogNetwork *networks, size_t n_networks) {
        c->networks = calloc(n_networks + 1, sizeof(*c->networks));
        if (!c->networks)
                return -ENOMEM;
        for (; c->n_networks < n_networks; c->n_networks++) {
                CatalogNetwork *n = c->networks + c->n_networks;

                *n = networks[c->n_networks];
                (void) document_ref(n->status);
                (void) document_ref(n->macs);
        }
        return 0;
}

int catalog_new(const CatalogSources *sources, const NamePolicy *policy, size_t n_leases_max, Catalog **ret) {
        _cleanup_(catalog_freep) Catalog *c = NULL;
        Builder b = { .sources = sources, .policy = policy };
        int r;

        c = b.catalog = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->reverse = policy->reverse;
        r = catalog_set_networks(c, sources->networks, sources->n_networks);
        if (r >= 0)
                r = builder_run(&b, n_leases_max);
        domain_table_done(&b.domains);
        seen_table_done(&b.seen);
        mac_leases_done(&b.mac_leases);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

Catalog *catalog_free(Catalog *catalog) {
        if (!catalog)
                return NULL;
        for (size_t i = 0; i < catalog->n_networks; i++) {
                document_unref(catalog->networks[i].status);
                document_unref(catalog->networks[i].macs);
        }
        free(catalog->networks);
        for (size_t i = 0; i < catalog->n_documents; i++)
                document_unref(catalog->documents[i]);
        free(catalog->documents);
        free(catalog->seen);
        free(catalog->bindings);
        free(catalog->claims);
        free(catalog->by_name);
        arena_done(&catalog->strings);
        free(catalog);
        return NULL;
}

static int catalog_compare_key(const Catalog *catalog, size_t i, NameVariant variant, const char *folded) {
        const Claim *c = catalog->claims + catalog->by_name[i];

        if (c->variant != variant)
                return c->variant < variant ? -1 : 1;
        return strcmp(c->key, folded);
}

size_t catalog_find(const Catalog *catalog, NameVariant variant, const char *folded, size_t *ret_first) {
        size_t low = 0, high = catalog->n_claims, n = 0;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (catalog_compare_key(catalog, middle, variant, folded) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        while (low + n < catalog->n_claims && catalog_compare_key(catalog, low + n, variant, folded) == 0)
                n++;
        *ret_first = low;
        return n;
}
