/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The running domains of all networks.
 */

#include "names/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

void domain_table_done(DomainTable *table) {
        free(table->domains);
        free(table->macs);
        free(table->forms);
        free(table->by_key);
        free(table->by_name);
        *table = (DomainTable) { 0 };
}

static int domain_table_add_forms(DomainTable *t, const NameForm *forms, size_t n) {
        for (size_t i = 0; i < n; i++) {
                NameForm *grown = array_grow(t->forms, t->n_forms, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                t->forms = grown;
                t->forms[t->n_forms++] = forms[i];
        }
        return 0;
}

static int domain_table_add_macs(DomainTable *t, uint32_t network, const DomainMacs *macs) {
        for (size_t i = 0; i < macs->n_macs; i++) {
                DomainMac *grown = array_grow(t->macs, t->n_macs, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                t->macs = grown;
                t->macs[t->n_macs++] = (DomainMac) {
                        .network = network,
                        .domain = (uint32_t) t->n_domains,
                        .mac = macs->macs[i],
                };
        }
        return 0;
}

int domain_table_add(DomainTable *t, uint32_t network, const char *interface, const DomainMacs *macs,
                const NamePolicy *policy, Arena *arena) {
        Domain domain = { .name = macs->domain, .network = network, .first_form = (uint32_t) t->n_forms };
        NameForm forms[NAME_FORMS_MAX];
        char folded[NAME_SIZE];
        Domain *grown;
        int n;

        if (name_fold(macs->domain, folded) == 0)
                return 0;
        n = name_forms_make(policy, interface, macs->domain, policy_judge_domain(policy, folded), arena,
                        forms);
        if (n < 0)
                return n;
        domain.n_forms = (uint32_t) n;

        grown = array_grow(t->domains, t->n_domains, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        t->domains = grown;
        if (domain_table_add_forms(t, forms, (size_t) n) < 0 || domain_table_add_macs(t, network, macs) < 0)
                return -ENOMEM;
        t->domains[t->n_domains++] = domain;
        return 0;
}

/* ---- NICs ---- */

static int domain_compare_name(const Domain *d, uint32_t network, const char *name) {
        if (d->network != network)
                return d->network < network ? -1 : 1;
        return strcmp(d->name, name);
}

static int by_name_compare(const void *a, const void *b, void *userdata) {
        const DomainTable *t = userdata;
        const Domain *y = t->domains + *(const uint32_t *) b;

        return domain_compare_name(t->domains + *(const uint32_t *) a, y->network, y->name);
}

int domain_table_start_nics(DomainTable *t) {
        t->by_name = calloc(t->n_domains + 1, sizeof(*t->by_name));
        if (!t->by_name)
                return -ENOMEM;
        for (; t->n_named < t->n_domains; t->n_named++)
                t->by_name[t->n_named] = (uint32_t) t->n_named;
        qsort_r(t->by_name, t->n_named, sizeof(*t->by_name), by_name_compare, t);
        return 0;
}

/* The position of a domain that is in the table: the last one that was added, or one of a MAC map; or
 * n_domains. */
static size_t domain_table_seek(const DomainTable *t, uint32_t network, const char *name) {
        size_t low = 0, high = t->n_named;

        if (t->n_domains > t->n_named &&
                        domain_compare_name(t->domains + t->n_domains - 1, network, name) == 0)
                return t->n_domains - 1;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = domain_compare_name(t->domains + t->by_name[middle], network, name);

                if (r == 0)
                        return t->by_name[middle];
                if (r < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return t->n_domains;
}

int domain_table_add_nic(DomainTable *t, uint32_t network, const char *interface, const StatedNic *nic,
                const NamePolicy *policy, Arena *arena) {
        size_t domain = domain_table_seek(t, network, nic->domain);
        DomainMac *grown;
        int r;

        if (domain == t->n_domains) {
                DomainMacs macs = { 0 };

                if (arena_copy(arena, nic->domain, &macs.domain) < 0)
                        return -ENOMEM;
                r = domain_table_add(t, network, interface, &macs, policy, arena);
                if (r < 0)
                        return r;
        }
        if (!nic->has_mac || domain == t->n_domains)
                return 0;
        grown = array_grow(t->macs, t->n_macs, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        t->macs = grown;
        t->macs[t->n_macs++] = (DomainMac) {
                .network = network,
                .domain = (uint32_t) domain,
                .mac = nic->mac,
                .tap = nic->tap,
        };
        return 0;
}

/* ---- order ---- */

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
        if (r != 0)
                return r;
        if (x->domain != y->domain)
                return x->domain < y->domain ? -1 : 1;
        return !x->tap - !y->tap;
}

static bool domain_mac_equal(const DomainMac *a, const DomainMac *b) {
        return domain_mac_compare(a, b) == 0 && a->domain == b->domain;
}

/* Sorts the MAC addresses.  One that a domain has twice is kept once, with its tap. */
static void domain_table_sort_macs(DomainTable *t) {
        size_t n = 0;

        if (t->n_macs > 0)
                qsort(t->macs, t->n_macs, sizeof(*t->macs), domain_mac_order);
        for (size_t i = 0; i < t->n_macs; i++)
                if (n == 0 || !domain_mac_equal(t->macs + n - 1, t->macs + i))
                        t->macs[n++] = t->macs[i];
        t->n_macs = n;
}

static int form_compare(const void *a, const void *b) {
        const NameForm *const *x = a, *const *y = b;

        return strcmp((*x)->key, (*y)->key);
}

int domain_table_finish(DomainTable *t) {
        t->by_key = calloc(t->n_forms + 1, sizeof(*t->by_key));
        if (!t->by_key)
                return -ENOMEM;
        for (size_t i = 0; i < t->n_forms; i++)
                t->by_key[i] = t->forms + i;
        qsort(t->by_key, t->n_forms, sizeof(*t->by_key), form_compare);
        domain_table_sort_macs(t);
        return 0;
}

size_t domain_table_find(const DomainTable *t, uint32_t network, const MacAddress *mac,
                const DomainMac **ret) {
        const DomainMac wanted = { .network = network, .mac = *mac };
        const DomainMac *m, *end;
        size_t n = 0;

        if (t->n_macs == 0)
                return 0;
        m = bsearch(&wanted, t->macs, t->n_macs, sizeof(*m), domain_mac_compare);
        if (!m)
                return 0;
        end = t->macs + t->n_macs;
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

bool domain_table_takes(const DomainTable *t, const char *key, const DomainMac *own, size_t n) {
        const NameForm wanted = { .key = key }, *p = &wanted;

        if (!bsearch(&p, t->by_key, t->n_forms, sizeof(*t->by_key), form_compare))
                return false;
        for (size_t i = 0; i < n; i++)
                if (domain_has_form(t, t->domains + own[i].domain, key))
                        return false;
        return true;
}
