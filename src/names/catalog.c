/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All claims to names.  A claim is refused by the policy, or because it is to
 * a name of a libvirt domain and comes from a lease that isn't that domain's.
 * A domain's leases are those on the bridge whose MAC map names their MAC.
 */

#include "names/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One form of a domain's name, on one bridge: "web1", "web1.lab.example". */
typedef struct Form {
        const char *key, *name;
        NameVerdict verdict;
} Form;

/* A domain as one bridge's MAC map has it. */
typedef struct Domain {
        const DomainMacs *macs;
        uint32_t network;
        uint32_t first_form, n_forms;
        bool leased;
} Domain;

typedef struct DomainMac {
        uint32_t network, domain;
        MacAddress mac;
} DomainMac;

/* The domains of all bridges, to be asked by MAC address and by name. */
typedef struct DomainTable {
        size_t n_domains, n_macs, n_forms;
        Domain *domains;
        DomainMac *macs;  /* by network, MAC address */
        Form *forms;      /* by domain */
        Form **by_key;
} DomainTable;

static const BindingList *network_leases(const CatalogNetwork *network) {
        return network->status ? network->status->bindings : NULL;
}

static const MacMap *network_macs(const CatalogNetwork *network) {
        return network->macs ? network->macs->macs : NULL;
}

typedef struct Builder {
        Catalog *catalog;
        const NamePolicy *policy;
        DomainTable domains;
        char *string; /* the next free byte of catalog->strings */
} Builder;

static char *builder_add_string(Builder *b, const char *text, size_t length, const char *suffix) {
        char *s = b->string;

        b->string = stpncpy(s, text, length);
        if (suffix) {
                *b->string++ = '.';
                b->string = stpcpy(b->string, suffix);
        }
        *b->string++ = '\0';
        return s;
}

/* Bytes of all forms of a name, folded ones and spelt ones. */
static size_t forms_size(const NamePolicy *policy, const char *name) {
        size_t n = strlen(name) + 1, size = 2 * n;

        for (size_t i = 0; i < policy->n_suffixes; i++)
                size += 2 * (n + strlen(policy->suffixes[i]) + 1);
        return size;
}

/* Whether a name also answers below the administrator's domains. */
static bool name_takes_suffix(const char *folded) {
        return !strchr(folded, '.') && name_is_hostname(folded);
}

/* Writes all forms of a name, the full ones first, none with its trailing dot; returns how many. */
static size_t builder_add_forms(Builder *b, const char *name, NameVerdict verdict, Form *forms) {
        char folded[NAME_SIZE];
        size_t n = 0, length;

        length = name_fold(name, folded);
        if (length == 0)
                return 0;

        if (name_takes_suffix(folded))
                for (size_t i = 0; i < b->policy->n_suffixes; i++) {
                        const char *suffix = b->policy->suffixes[i];
                        Form *f = forms + n;

                        if (length + 1 + strlen(suffix) > 253)
                                continue;
                        f->key = builder_add_string(b, folded, length, suffix);
                        f->name = builder_add_string(b, name, length, suffix);
                        f->verdict = verdict != NAME_GOOD && verdict != NAME_ADDRESS
                                        ? verdict
                                        : policy_judge_name(b->policy, f->key);
                        n++;
                }
        forms[n++] = (Form) {
                .key = builder_add_string(b, folded, length, NULL),
                .name = name[length] == '\0' ? name : builder_add_string(b, name, length, NULL),
                .verdict = verdict,
        };
        return n;
}

static int domain_mac_compare(const void *a, const void *b) {
        const DomainMac *x = a, *y = b;

        if (x->network != y->network)
                return x->network < y->network ? -1 : 1;
        return memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

static int domain_mac_order(const void *a, const void *b) {
        const DomainMac *x = a, *y = b;
        int r;

        r = domain_mac_compare(x, y);
        return r != 0 ? r : x->domain < y->domain ? -1 : x->domain > y->domain;
}

static int form_compare(const void *a, const void *b) {
        const Form *const *x = a, *const *y = b;

        return strcmp((*x)->key, (*y)->key);
}

static int domain_table_allocate(DomainTable *t, const Catalog *catalog, const NamePolicy *policy) {
        size_t n_domains = 0, n_macs = 0;

        for (size_t i = 0; i < catalog->n_networks; i++) {
                const MacMap *m = network_macs(catalog->networks + i);

                for (size_t k = 0; m && k < m->n_domains; k++) {
                        n_domains++;
                        n_macs += m->domains[k].n_macs;
                }
        }

        t->domains = calloc(n_domains + 1, sizeof(*t->domains));
        t->macs = calloc(n_macs + 1, sizeof(*t->macs));
        t->forms = calloc(n_domains * (policy->n_suffixes + 1) + 1, sizeof(*t->forms));
        t->by_key = calloc(n_domains * (policy->n_suffixes + 1) + 1, sizeof(*t->by_key));
        return t->domains && t->macs && t->forms && t->by_key ? 0 : -ENOMEM;
}

static void builder_add_domain(Builder *b, uint32_t network, const DomainMacs *macs) {
        DomainTable *t = &b->domains;
        Domain *d = t->domains + t->n_domains;
        char folded[NAME_SIZE];

        if (name_fold(macs->domain, folded) == 0)
                return;

        *d = (Domain) { .macs = macs, .network = network, .first_form = (uint32_t) t->n_forms };
        d->n_forms = (uint32_t) builder_add_forms(b, macs->domain, policy_judge_domain(b->policy, folded),
                        t->forms + t->n_forms);
        t->n_forms += d->n_forms;
        for (size_t i = 0; i < macs->n_macs; i++)
                t->macs[t->n_macs++] = (DomainMac) { network, (uint32_t) t->n_domains, macs->macs[i] };
        t->n_domains++;
}

/* Sorts the domains' MAC addresses; one that its domain has twice stays once. */
static void domain_table_sort_macs(DomainTable *t) {
        size_t n = 0;

        qsort(t->macs, t->n_macs, sizeof(*t->macs), domain_mac_order);
        for (size_t i = 0; i < t->n_macs; i++)
                if (n == 0 || domain_mac_order(t->macs + n - 1, t->macs + i) != 0)
                        t->macs[n++] = t->macs[i];
        t->n_macs = n;
}

static int builder_add_domains(Builder *b) {
        DomainTable *t = &b->domains;
        int r;

        r = domain_table_allocate(t, b->catalog, b->policy);
        if (r < 0)
                return r;

        for (size_t i = 0; i < b->catalog->n_networks; i++) {
                const MacMap *m = network_macs(b->catalog->networks + i);

                for (size_t k = 0; m && k < m->n_domains; k++)
                        builder_add_domain(b, (uint32_t) i, m->domains + k);
        }

        for (size_t i = 0; i < t->n_forms; i++)
                t->by_key[i] = t->forms + i;
        qsort(t->by_key, t->n_forms, sizeof(*t->by_key), form_compare);
        domain_table_sort_macs(t);
        return 0;
}

/* The domains that a lease belongs to: one, unless a MAC map is wrong.
 * Returns how many, the first in *ret. */
static size_t domain_table_find(const DomainTable *t, uint32_t network, const Binding *lease,
                const DomainMac **ret) {
        const DomainMac wanted = { .network = network, .mac = lease->mac };
        const DomainMac *m, *end = t->macs + t->n_macs;
        size_t n = 0;

        if (!lease->has_mac)
                return 0;
        m = bsearch(&wanted, t->macs, t->n_macs, sizeof(*m), domain_mac_compare);
        if (!m)
                return 0;
        while (m > t->macs && domain_mac_compare(m - 1, &wanted) == 0)
                m--;
        while (m + n < end && domain_mac_compare(m + n, &wanted) == 0)
                n++;
        *ret = m;
        return n;
}

static bool domain_has_form(const DomainTable *t, const Domain *d, const char *key) {
        for (uint32_t i = 0; i < d->n_forms; i++)
                if (strcmp(t->forms[d->first_form + i].key, key) == 0)
                        return true;
        return false;
}

/* Whether a name is a domain's, but of none of those that the lease belongs to. */
static bool domain_table_takes(const DomainTable *t, const char *key, const DomainMac *own, size_t n_own) {
        const Form wanted = { .key = key }, *p = &wanted;

        if (!bsearch(&p, t->by_key, t->n_forms, sizeof(*t->by_key), form_compare))
                return false;
        for (size_t i = 0; i < n_own; i++)
                if (domain_has_form(t, t->domains + own[i].domain, key))
                        return false;
        return true;
}

static void builder_add_claims(Builder *b, uint32_t lease, uint32_t network, NameVariant variant,
                const Form *forms, size_t n) {
        for (size_t i = 0; i < n; i++)
                b->catalog->claims[b->catalog->n_claims++] = (Claim) {
                        .key = forms[i].key,
                        .name = forms[i].name,
                        .binding = lease,
                        .network = network,
                        .variant = variant,
                        .verdict = forms[i].verdict,
                };
}

static NameVerdict builder_add_hostname_claims(Builder *b, uint32_t index, const CatalogBinding *l,
                const DomainMac *own, size_t n_own) {
        Form forms[POLICY_NAMES_MAX + 1];
        char folded[NAME_SIZE];
        NameVerdict verdict;
        size_t n;

        if (b->policy->hostnames_off || !l->binding->hostname || name_fold(l->binding->hostname, folded) == 0)
                return NAME_GOOD;

        verdict = policy_judge_hostname(b->policy, folded);
        if (!address_is_guests(l->binding->address.family, l->binding->address.bytes))
                verdict = NAME_BAD_ADDRESS;
        else if (verdict == NAME_GOOD && domain_table_takes(&b->domains, folded, own, n_own))
                verdict = NAME_TAKEN;

        n = builder_add_forms(b, l->binding->hostname, verdict, forms);
        for (size_t i = 0; i < n; i++)
                if (forms[i].verdict == NAME_GOOD &&
                    domain_table_takes(&b->domains, forms[i].key, own, n_own))
                        forms[i].verdict = NAME_TAKEN;
        builder_add_claims(b, index, l->network, VARIANT_LEASE, forms, n);
        return verdict;
}

static void builder_add_domain_claims(Builder *b, uint32_t index, const CatalogBinding *l, const Domain *d) {
        size_t first = b->catalog->n_claims;

        builder_add_claims(b, index, l->network, VARIANT_DOMAIN, b->domains.forms + d->first_form, d->n_forms);
        if (!address_is_guests(l->binding->address.family, l->binding->address.bytes))
                for (size_t i = first; i < b->catalog->n_claims; i++)
                        b->catalog->claims[i].verdict = NAME_BAD_ADDRESS;
}

static void builder_add_lease(Builder *b, uint32_t network, const Binding *lease) {
        Catalog *c = b->catalog;
        uint32_t index = (uint32_t) c->n_leases++;
        CatalogBinding *l = c->bindings + index;
        const DomainMac *own = NULL;
        size_t n_own;

        *l = (CatalogBinding) { .binding = lease, .network = network, .first_claim = (uint32_t) c->n_claims };
        n_own = domain_table_find(&b->domains, network, lease, &own);
        l->verdict = builder_add_hostname_claims(b, index, l, own, n_own);
        for (size_t i = 0; i < n_own; i++) {
                Domain *d = b->domains.domains + own[i].domain;

                builder_add_domain_claims(b, index, l, d);
                d->leased = true;
                if (!l->domain)
                        l->domain = d->macs->domain;
        }
        l->n_claims = (uint32_t) c->n_claims - l->first_claim;
}

/* How many leases of a network count if each may have that many. */
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

/* How many leases each network may have, so that all together have no more than n_max: as many as
 * can be, so that those that are below lose none. */
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

static void builder_add_leases(Builder *b, size_t share) {
        Catalog *c = b->catalog;

        for (size_t i = 0; i < c->n_networks; i++) {
                const BindingList *list = network_leases(c->networks + i);
                size_t n = network_count_leases(c->networks + i, share);

                for (size_t k = 0; k < n; k++)
                        builder_add_lease(b, (uint32_t) i, list->bindings + k);
                if (list)
                        c->n_dropped += list->n_bindings - n;
        }
        for (size_t i = 0; i < b->domains.n_domains; i++) {
                const Domain *d = b->domains.domains + i;

                if (!d->leased)
                        builder_add_claims(b, CATALOG_NONE, d->network, VARIANT_DOMAIN,
                                        b->domains.forms + d->first_form, d->n_forms);
        }
}

/* Room for every lease, claim and string that there can be. */
static int builder_allocate(Builder *b) {
        size_t n_leases = 0, n_claims = 0, n_bytes = 1, n_forms = b->policy->n_suffixes + 1;
        Catalog *c = b->catalog;

        for (size_t i = 0; i < c->n_networks; i++) {
                const BindingList *list = network_leases(c->networks + i);
                const MacMap *map = network_macs(c->networks + i);

                for (size_t k = 0; list && k < list->n_bindings; k++)
                        if (list->bindings[k].hostname) {
                                n_bytes += forms_size(b->policy, list->bindings[k].hostname);
                                n_claims += n_forms;
                        }
                for (size_t k = 0; map && k < map->n_domains; k++)
                        n_bytes += forms_size(b->policy, map->domains[k].domain);
                n_leases += list ? list->n_bindings : 0;
        }

        c->bindings = calloc(n_leases + 1, sizeof(*c->bindings));
        c->strings = b->string = malloc(n_bytes);
        if (!c->bindings || !c->strings)
                return -ENOMEM;

        /* The claims of domains come on top, once it is known which leases are theirs. */
        c->n_claims = n_claims;
        return 0;
}

static int builder_allocate_claims(Builder *b) {
        Catalog *c = b->catalog;
        size_t n = c->n_claims + b->domains.n_forms;

        c->n_claims = 0;
        for (size_t i = 0; i < c->n_networks; i++) {
                const BindingList *list = network_leases(c->networks + i);

                for (size_t k = 0; list && k < list->n_bindings; k++) {
                        const DomainMac *own;

                        n += domain_table_find(&b->domains, (uint32_t) i, list->bindings + k, &own) *
                                        (b->policy->n_suffixes + 1);
                }
        }
        if (n >= CATALOG_NONE)
                return -ENOMEM;

        c->claims = calloc(n + 1, sizeof(*c->claims));
        c->by_name = calloc(n + 1, sizeof(*c->by_name));
        return c->claims && c->by_name ? 0 : -ENOMEM;
}

int catalog_binding_compare(const CatalogBinding *a, const CatalogBinding *b) {
        int64_t x = a->binding->expiry, y = b->binding->expiry;

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
                return catalog_binding_compare(catalog->bindings + x->binding, catalog->bindings + y->binding);
        }
        return i < k ? -1 : i > k;
}

static void domain_table_clear(DomainTable *t) {
        free(t->domains);
        free(t->macs);
        free(t->forms);
        free(t->by_key);
}

static int builder_run(Builder *b, size_t n_leases_max) {
        Catalog *c = b->catalog;
        int r;

        r = builder_allocate(b);
        if (r < 0)
                return r;
        r = builder_add_domains(b);
        if (r < 0)
                return r;
        r = builder_allocate_claims(b);
        if (r < 0)
                return r;

        builder_add_leases(b, catalog_share(c, n_leases_max));
        for (size_t i = 0; i < c->n_claims; i++)
                c->by_name[i] = (uint32_t) i;
        qsort_r(c->by_name, c->n_claims, sizeof(*c->by_name), claim_compare, c);
        return 0;
}

int catalog_new(const CatalogNetwork *networks, size_t n_networks, const NamePolicy *policy, size_t n_leases_max,
                Catalog **ret) {
        _cleanup_(catalog_freep) Catalog *c = NULL;
        Builder b = { .policy = policy };
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->reverse = policy->reverse;
        c->networks = calloc(n_networks + 1, sizeof(*c->networks));
        if (!c->networks)
                return -ENOMEM;
        for (; c->n_networks < n_networks; c->n_networks++) {
                CatalogNetwork *n = c->networks + c->n_networks;

                *n = networks[c->n_networks];
                (void) document_ref(n->status);
                (void) document_ref(n->macs);
        }

        b.catalog = c;
        r = builder_run(&b, n_leases_max);
        domain_table_clear(&b.domains);
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
        free(catalog->bindings);
        free(catalog->claims);
        free(catalog->by_name);
        free(catalog->strings);
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
