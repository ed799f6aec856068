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
                t->macs[t->n_macs++] = (DomainMac) { network, (uint32_t) t->n_domains, macs->macs[i] };
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

/* Sorts the MAC addresses.  One that a domain has twice is kept once. */
static void domain_table_sort_macs(DomainTable *t) {
        size_t n = 0;

        if (t->n_macs > 0)
                qsort(t->macs, t->n_macs, sizeof(*t->macs), domain_mac_order);
        for (size_t i = 0; i < t->n_macs; i++)
                if (n == 0 || domain_mac_order(t->macs + n - 1, t->macs + i) != 0)
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
