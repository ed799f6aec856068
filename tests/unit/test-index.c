/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The index's way from the catalog to an answer: what is written is what the
 * reader finds, held against the rules told once more, slowly and plainly.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "flood.h"
#include "index/key.h"
#include "index/writer.h"
#include "util/siphash.h"
#include "unit.h"
#include "worlds.h"

#define TEXT_MAX 32768

static int find_name(const World *w, NameVariant variant, const char *name, int family, const char *interface,
                int64_t now, Answer *ret) {
        _cleanup_(closep) int fd = world_index(w, NULL);
        Index index;

        ck_assert_int_eq(index_load(fd, &index), 0);
        return index_find_name(&index, variant, name, family, interface, now, ret);
}

static int find_address(const Index *index, int variant, const char *text, const char *interface, int64_t now,
                Answer *ret) {
        int family = strchr(text, ':') ? AF_INET6 : AF_INET;
        uint8_t bytes[16] = { 0 };

        ck_assert_int_eq(inet_pton(family, text, bytes), 1);
        return index_find_address(index, variant, family, bytes, interface, now, ret);
}

/* ---- names, by hand ---- */

#define TWO_BRIDGES \
        "network,virbr0\n" \
        "lease,Web1,10.0.0.1,1,100\nlease,web1,fd00::1,1,200\nlease,db,10.0.0.2,2,99\n" \
        "lease,web1,10.0.0.3,0,0\n" \
        "lease,-,10.0.0.1,21,100\nlease,-,fd00::1,21,200\n" \
        "domain,VM-app,21\ndomain,fresh,9\ndomain,Web Server,2\n" \
        "network,virbr1\n" \
        "lease,WEB1,10.0.1.1,0,150\nlease,web1,10.0.0.1,0,120\nlease,web1,fe80::1,1,130\n" \
        "lease,web1,127.0.0.1,1,300\n" \
        "network,virbr2\n" \
        "lease,twin,10.0.2.1,11,200\nlease,twin,10.0.2.2,12,99\nlease,twin,10.0.2.3,13,0\n" \
        "lease,twin,fd00:2::1,11,98\n" \
        "lease,lasting,10.0.2.4,14,0\nlease,lasting,10.0.2.5,15,5000000000\nlease,lasting,10.0.2.6,16,0\n" \
        "domain,Twin A,12\ndomain,L,16\n"

static const struct {
        NameVariant variant;
        const char *name;
        int family;
        const char *interface;
        int64_t now;
        const char *answer;
} names[] = {
        { VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 100,
          "web1 fd00::1%virbr0/200 WEB1 10.0.1.1%virbr1/150 web1 fe80::1%virbr1/130 web1 10.0.0.1%virbr1/120 "
          "web1 10.0.0.3%virbr0/0" },
        { VARIANT_LEASE, "WEB1.", AF_INET, NULL, 100,
          "WEB1 10.0.1.1%virbr1/150 web1 10.0.0.1%virbr1/120 web1 10.0.0.3%virbr0/0" },
        { VARIANT_LEASE, "web1", AF_INET6, NULL, 131, "web1 fd00::1%virbr0/200" },
        { VARIANT_LEASE, "web1", AF_INET, "virbr0", 100, "Web1 10.0.0.1%virbr0/100 web1 10.0.0.3%virbr0/0" },
        { VARIANT_LEASE, "web1", AF_INET, "virbr0", 101, "web1 10.0.0.3%virbr0/0" },
        /* of one hostname the running domains', while one of them lasts: forward and back */
        { VARIANT_LEASE, "twin", AF_UNSPEC, NULL, 99, "twin 10.0.2.2%virbr2/99" },
        { VARIANT_LEASE, "twin", AF_INET6, NULL, 99, "no family" },
        { VARIANT_LEASE, "twin", AF_UNSPEC, NULL, 100, "twin 10.0.2.1%virbr2/200 twin 10.0.2.3%virbr2/0" },
        { VARIANT_LEASE, "twin", AF_UNSPEC, NULL, 201, "twin 10.0.2.3%virbr2/0" },
        { VARIANT_LEASE, "lasting", AF_UNSPEC, NULL, 99, "lasting 10.0.2.6%virbr2/0" },
        { VARIANT_LEASE, "lasting", AF_UNSPEC, NULL, 9999999, "lasting 10.0.2.6%virbr2/0" },
        { VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 1000, "web1 10.0.0.3%virbr0/0" },
        { VARIANT_LEASE, "web1", AF_INET6, NULL, 1000, "no family" },
        { VARIANT_LEASE, "web1", AF_UNSPEC, "virbr", 100, "no family" },
        { VARIANT_LEASE, "web1", AF_UNSPEC, "virbr00", 100, "no family" },
        { VARIANT_LEASE, "web1", AF_UNIX, NULL, 100, "no family" },
        { VARIANT_LEASE, "web1..", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "web", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "web11", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, ".", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "vm-app", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "localhost", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_LEASE, "db", AF_UNSPEC, NULL, 98, "db 10.0.0.2%virbr0/99" },
        { VARIANT_LEASE, "db", AF_UNSPEC, NULL, 99, "db 10.0.0.2%virbr0/99" },
        { VARIANT_LEASE, "db", AF_UNSPEC, NULL, 100, "expired" },
        { VARIANT_LEASE, "db", AF_INET6, NULL, 100, "expired" },
        { VARIANT_LEASE, "db", AF_INET6, NULL, 99, "no family" },
        { VARIANT_DOMAIN, "web1", AF_UNSPEC, NULL, 100, "no name" },
        { VARIANT_DOMAIN, "vm-APP", AF_UNSPEC, NULL, 100,
          "VM-app fd00::1%virbr0/200 VM-app 10.0.0.1%virbr0/100" },
        { VARIANT_DOMAIN, "web server", AF_UNSPEC, NULL, 1, "Web Server 10.0.0.2%virbr0/99" },
        { VARIANT_DOMAIN, "fresh", AF_UNSPEC, NULL, 100, "no lease" },
        { VARIANT_DOMAIN, "fresh", AF_INET, "virbr7", 100, "no lease" },
};

START_TEST(test_name) {
        _cleanup_(world_freep) World *w = world_read(TWO_BRIDGES);
        char text[TEXT_MAX];
        Answer answer;
        int r;

        r = find_name(w, names[_i].variant, names[_i].name, names[_i].family, names[_i].interface,
                        names[_i].now,
                      &answer);
        ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), names[_i].answer);
}
END_TEST

/* After LOOKUP_EXPIRED, the first entry is the newest of those that were. */
START_TEST(test_expired) {
        _cleanup_(world_freep) World *w =
                        world_read("network,virbr0\nlease,a,10.0.0.1,0,5\nlease,a,10.0.0.2,0,7\n"
                        "lease,a,10.0.0.3,0,6");
        char text[TEXT_MAX];
        Answer answer;

        ck_assert_int_eq(find_name(w, VARIANT_LEASE, "a", AF_UNSPEC, NULL, 8, &answer), LOOKUP_EXPIRED);
        answer.n_entries = 1;
        ck_assert_str_eq(answer_text(LOOKUP_FOUND, &answer, text, sizeof(text)), "a 10.0.0.2%virbr0/7");
}
END_TEST

/* An address of several leases is answered once, and as long as any of them lasts. */
START_TEST(test_duplicates) {
        _cleanup_(world_freep) World *w = world_read(
                "network,virbr0\nlease,a,10.0.0.1,0,5\nlease,A,10.0.0.1,0,9\nlease,a,10.0.0.1,0,7\n"
                "lease,a,10.0.0.2,0,6\n"
                "lease,b,10.0.0.3,0,5\nlease,b,10.0.0.4,0,0\nlease,B,10.0.0.3,0,0\n"
                "lease,c,10.0.0.5,0,4\nlease,C,10.0.0.5,0,4\n"
                "lease,l,fe80::1,0,4\nlease,l,fe80::1,0,5\nnetwork,virbr1\nlease,l,fe80::1,0,9\n");
        static const struct {
                const char *name;
                int64_t now;
                const char *answer;
        } rows[] = {
                { "a", 1, "A 10.0.0.1%virbr0/9 a 10.0.0.2%virbr0/6" },
                { "a", 9, "A 10.0.0.1%virbr0/9" },
                { "a", 10, "expired" },
                { "b", 1, "b 10.0.0.4%virbr0/0 B 10.0.0.3%virbr0/0" },
                { "b", 100, "b 10.0.0.4%virbr0/0 B 10.0.0.3%virbr0/0" },
                { "c", 1, "c 10.0.0.5%virbr0/4" },
                /* fe80:: is another address on each bridge */
                { "l", 1, "l fe80::1%virbr1/9 l fe80::1%virbr0/5" },
        };
        char text[TEXT_MAX];
        Answer answer;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                int r = find_name(w, VARIANT_LEASE, rows[i].name, AF_UNSPEC, NULL, rows[i].now, &answer);

                ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), rows[i].answer);
        }
}
END_TEST

/* ---- addresses, by hand ---- */

#define REVERSE \
        "suffix,lab.example\ndeny,puppet\nnetwork,virbr0\n" \
        "lease,Web1,10.0.0.1,1,100\nlease,old,10.0.0.1,2,90\nlease,WEB1,10.0.0.1,3,200\n" \
        "lease,puppet,10.0.0.1,4,300\n" \
        "lease,-x,10.0.0.1,5,300\nlease,ll,fe80::1,1,300\nlease,six,fd00::1,0,0\nlease,-,10.0.0.2,6,300\n" \
        "lease,x.lab.example,10.0.0.3,7,300\nlease,db,10.0.0.4,8,300\nlease,bad,127.0.0.1,8,300\n" \
        "domain,vm,1\ndomain,Web Server,3\ndomain,vm2,6\ndomain,dot.,7\ndomain,DB,9\ndomain,w1,8\n" \
        "network,virbr1\nlease,web2,10.0.0.1,0,150\nlease,one,10.0.0.9,0,9\n"

static const struct {
        int variant;
        const char *address, *interface;
        int64_t now;
        const char *answer;
} addresses[] = {
        { VARIANT_LEASE, "10.0.0.1", NULL, 90,
          "WEB1.lab.example 10.0.0.1%virbr0/200 WEB1 10.0.0.1%virbr0/200 "
          "web2.lab.example 10.0.0.1%virbr1/150 web2 10.0.0.1%virbr1/150 "
          "old.lab.example 10.0.0.1%virbr0/90 old 10.0.0.1%virbr0/90" },
        { VARIANT_LEASE, "10.0.0.1", "virbr1", 90,
          "web2.lab.example 10.0.0.1%virbr1/150 web2 10.0.0.1%virbr1/150" },
        { VARIANT_LEASE, "10.0.0.1", NULL, 151,
          "WEB1.lab.example 10.0.0.1%virbr0/200 WEB1 10.0.0.1%virbr0/200" },
        { VARIANT_LEASE, "10.0.0.1", NULL, 201, "expired" },
        { VARIANT_LEASE, "10.0.0.1", "virbr9", 90, "no name" },
        { VARIANT_DOMAIN, "10.0.0.1", NULL, 90, "vm.lab.example 10.0.0.1%virbr0/100 vm 10.0.0.1%virbr0/100" },
        { 0, "10.0.0.1", "virbr0", 91,
          "WEB1.lab.example 10.0.0.1%virbr0/200 WEB1 10.0.0.1%virbr0/200 "
          "vm.lab.example 10.0.0.1%virbr0/100 vm 10.0.0.1%virbr0/100" },
        { VARIANT_LEASE, "10.0.0.2", NULL, 90, "no name" },
        { 0, "10.0.0.2", NULL, 90, "vm2.lab.example 10.0.0.2%virbr0/300 vm2 10.0.0.2%virbr0/300" },
        { 0, "10.0.0.3", NULL, 90,
          "x.lab.example 10.0.0.3%virbr0/300 dot.lab.example 10.0.0.3%virbr0/300 dot 10.0.0.3%virbr0/300" },
        { 0, "10.0.0.4", NULL, 90, "w1.lab.example 10.0.0.4%virbr0/300 w1 10.0.0.4%virbr0/300" },
        { 0, "fd00::1", NULL, 90, "six.lab.example fd00::1%virbr0/0 six fd00::1%virbr0/0" },
        { 0, "fe80::1", NULL, 90, "no name" },
        { 0, "fe80::1", "virbr0", 90, "no name" },
        { 0, "127.0.0.1", NULL, 90, "no name" },
        { 0, "10.0.0.99", NULL, 90, "no name" },
        { VARIANT_LEASE, "10.0.0.9", NULL, 9, "one.lab.example 10.0.0.9%virbr1/9 one 10.0.0.9%virbr1/9" },
        { VARIANT_LEASE, "10.0.0.9", NULL, 10, "expired" },
        { VARIANT_DOMAIN, "10.0.0.9", NULL, 9, "no name" },
};

START_TEST(test_address) {
        _cleanup_(world_freep) World *w = world_read(REVERSE);
        _cleanup_(closep) int fd = world_index(w, NULL);
        char text[TEXT_MAX];
        Answer answer;
        Index index;
        int r;

        ck_assert_int_eq(index_load(fd, &index), 0);
        r = find_address(&index, addresses[_i].variant, addresses[_i].address, addresses[_i].interface,
                         addresses[_i].now, &answer);
        ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), addresses[_i].answer);
}
END_TEST

START_TEST(test_no_reverse) {
        _cleanup_(world_freep) World *w = world_read("reverse,no\n" REVERSE);
        _cleanup_(closep) int fd = world_index(w, NULL);
        Answer answer;
        Index index;

        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_int_eq(find_address(&index, 0, "10.0.0.1", NULL, 90, &answer), LOOKUP_NO_NAME);
        ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 90, &answer),
                        LOOKUP_FOUND);
        ck_assert_int_eq(index_find_address(&index, 0, AF_UNIX, (const uint8_t *) "0123456789abcdef", NULL,
                        90, &answer),
                         LOOKUP_NO_NAME);
}
END_TEST

/* The canonical name has the form that was asked. */
START_TEST(test_forms) {
        _cleanup_(world_freep) World *w =
                        world_read("suffix,lab.example\nnetwork,virbr0\nlease,Web1.,10.0.0.1,1,0\n"
                        "domain,VM.,1\ndomain,Odd..,1");
        static const struct {
                NameVariant variant;
                const char *name, *answer;
        } rows[] = {
                { VARIANT_LEASE, "web1", "Web1 10.0.0.1%virbr0/0" },
                { VARIANT_LEASE, "WEB1.LAB.EXAMPLE.", "Web1.lab.example 10.0.0.1%virbr0/0" },
                { VARIANT_DOMAIN, "vm.", "VM 10.0.0.1%virbr0/0" },
                { VARIANT_DOMAIN, "vm.lab.example", "VM.lab.example 10.0.0.1%virbr0/0" },
                { VARIANT_DOMAIN, "vm.example", "no name" },
                { VARIANT_DOMAIN, "odd", "no name" },
                { VARIANT_DOMAIN, "ODD..", "no name" },
        };
        char text[TEXT_MAX];
        Answer answer;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                int r = find_name(w, rows[i].variant, rows[i].name, AF_UNSPEC, NULL, 90, &answer);

                ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), rows[i].answer);
        }
}
END_TEST

/* ---- many worlds, held against the model ---- */

typedef struct Random {
        uint64_t state;
} Random;

static unsigned random_below(Random *random, unsigned n) {
        random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned) ((random->state >> 33) % n);
}

#define NOW 100
#define PICK(random, array) ((array)[random_below(random, ELEMENTS(array))])

static const char *const some_names[] = {
        "web1", "Web1", "WEB1", "web2", "db", "vm", "VM", "here", "puppet", "localhost", "_x", "a b", "-a",
        "web1.", "web1.lab.example", "db.example", "x.y", "here.lab.example", "wpad.example",
};

static const char *const some_addresses[] = {
        "10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2", "fe80::1", "127.0.0.1", "::ffff:10.0.0.1",
};

static const int64_t some_expiries[] = { 0, -5, 50, 99, 100, 101, 200, 200 };

static const char *const some_interfaces[] = { "virbr0", "virbr1", "virbr2" };

static World *world_generate(Random *random) {
        World *w = world_new();
        unsigned n_networks = random_below(random, 4);

        ck_assert(policy_set_host_name(&w->policy, "here.example.org"));
        ck_assert_int_eq(policy_add_denied(&w->policy, "puppet"), 0);
        if (random_below(random, 2))
                ck_assert_int_eq(policy_add_suffix(&w->policy, "lab.example"), 0);
        if (random_below(random, 3) == 0)
                ck_assert_int_eq(policy_add_suffix(&w->policy, "example"), 0);

        for (unsigned i = 0; i < n_networks; i++) {
                world_add_network(w, some_interfaces[i]);
                for (unsigned k = random_below(random, 9); k > 0; k--)
                        world_add_lease(w, random_below(random, 8) ? PICK(random, some_names) : NULL,
                                        PICK(random, some_addresses), random_below(random, 5),
                                        PICK(random, some_expiries));
                for (unsigned k = random_below(random, 4); k > 0; k--) {
                        unsigned macs[] = { 1 + random_below(random, 4), 1 + random_below(random, 4) };

                        world_add_domain(w, PICK(random, some_names), macs, random_below(random, 3));
                }
        }
        return w;
}

/* A name spelt without its trailing dot, and below a suffix or not. */
static void model_spell(const char *name, const char *suffix, char spelt[static 2 * NAME_SIZE]) {
        size_t n = strlen(name);

        if (name[n - 1] == '.')
                n--;
        (void) snprintf(spelt, 2 * NAME_SIZE, "%.*s%s%s", (int) n, name, suffix ? "." : "",
                        suffix ? suffix : "");
}

/* The form of a name that a question means; false: none. */
static bool model_form(const World *w, const char *name, const char *asked,
                char spelt[static 2 * NAME_SIZE]) {
        model_spell(name, NULL, spelt);
        if (strcasecmp(spelt, asked) == 0)
                return true;
        if (strchr(spelt, '.') || !name_is_hostname(spelt))
                return false;
        for (size_t i = 0; i < w->policy.n_suffixes; i++) {
                model_spell(name, w->policy.suffixes[i].name, spelt);
                if (strcasecmp(spelt, asked) == 0)
                        return true;
        }
        return false;
}

static bool model_has_mac(const DomainMacs *d, const Binding *l) {
        for (size_t i = 0; i < d->n_macs; i++)
                if (l->has_mac && memcmp(&d->macs[i], &l->mac, sizeof(l->mac)) == 0)
                        return true;
        return false;
}

/* Whether a libvirt domain answers to the name, and none whose lease this is. */
static bool model_taken(const World *w, size_t network, const Binding *l, const char *asked) {
        char spelt[2 * NAME_SIZE];
        bool exists = false;

        for (size_t i = 0; i < w->n_networks; i++)
                for (size_t k = 0; k < w->maps[i].n_domains; k++) {
                        const DomainMacs *d = w->maps[i].domains + k;

                        if (!model_form(w, d->domain, asked, spelt))
                                continue;
                        if (i == network && model_has_mac(d, l))
                                return false;
                        exists = true;
                }
        return exists;
}

/* Whether another lease of its MAC address on its network is the one that counts. */
static bool model_superseded(const World *w, size_t network, const Binding *l) {
        const BindingList *list = w->lists + network;

        if (!l->has_mac || l->address.family != AF_INET)
                return false;
        for (size_t i = 0; i < list->n_bindings; i++) {
                const Binding *other = list->bindings + i;

                if (other == l || !other->has_mac || memcmp(&other->mac, &l->mac, sizeof(l->mac)) != 0 ||
                    other->address.family != AF_INET || !address_is_guests(AF_INET, other->address.bytes))
                        continue;
                if (other->expiry == l->expiry ? other > l : other->expiry == 0 ||
                    (l->expiry != 0 && other->expiry > l->expiry))
                        return true;
        }
        return false;
}

static bool model_runs(const World *w, size_t network, const Binding *l) {
        for (size_t i = 0; i < w->maps[network].n_domains; i++)
                if (model_has_mac(w->maps[network].domains + i, l))
                        return true;
        return false;
}

typedef struct ModelEntry {
        const Binding *binding;
        bool runs;
        const char *interface;
        char name[2 * NAME_SIZE];
        bool duplicate;
} ModelEntry;

typedef struct Model {
        size_t n;
        ModelEntry entries[128];
        bool leaseless;
} Model;

static void model_add(Model *m, const World *w, size_t network, const Binding *l, const char *spelt) {
        ModelEntry *e = m->entries + m->n++;

        ck_assert_uint_le(m->n, ELEMENTS(m->entries));
        *e = (ModelEntry) {
                .binding = l,
                .interface = w->networks[network].interface,
                .runs = model_runs(w, network, l),
        };
        memcpy(e->name, spelt, sizeof(e->name));
}

static void model_collect_domains(Model *m, const World *w, size_t network, const char *asked) {
        const BindingList *list = w->lists + network;
        const MacMap *map = w->maps + network;
        char spelt[2 * NAME_SIZE], folded[NAME_SIZE];
        bool leased[8] = { false };

        for (size_t k = 0; k <= list->n_bindings; k++)
                for (size_t d = 0; d < map->n_domains; d++) {
                        const DomainMacs *domain = map->domains + d;

                        (void) name_fold(domain->domain, folded);
                        if (!model_form(w, domain->domain, asked, spelt) ||
                            policy_judge_domain(&w->policy, folded) != NAME_GOOD ||
                            policy_judge_name(&w->policy, asked) != NAME_GOOD)
                                continue;
                        if (k == list->n_bindings)
                                m->leaseless = m->leaseless || !leased[d];
                        else if (model_has_mac(domain, list->bindings + k)) {
                                leased[d] = true;
                                if (address_is_guests(list->bindings[k].address.family,
                                                list->bindings[k].address.bytes) &&
                                    !model_superseded(w, network, list->bindings + k))
                                        model_add(m, w, network, list->bindings + k, spelt);
                        }
                }
}

/* All entries that a name has, in the order of the files. */
static void model_collect(Model *m, const World *w, NameVariant variant, const char *asked) {
        char spelt[2 * NAME_SIZE], folded[NAME_SIZE];

        for (size_t i = 0; i < w->n_networks; i++) {
                for (size_t k = 0; variant == VARIANT_LEASE && k < w->lists[i].n_bindings; k++) {
                        const Binding *l = w->lists[i].bindings + k;

                        if (!l->hostname || !model_form(w, l->hostname, asked, spelt) ||
                            model_superseded(w, i, l) ||
                            !address_is_guests(l->address.family, l->address.bytes))
                                continue;
                        (void) name_fold(l->hostname, folded);
                        if (policy_judge_hostname(&w->policy, NULL, folded) == NAME_GOOD &&
                            policy_judge_name(&w->policy, asked) == NAME_GOOD &&
                            !model_taken(w, i, l, folded) && !model_taken(w, i, l, asked))
                                model_add(m, w, i, l, spelt);
                }
                if (variant == VARIANT_DOMAIN)
                        model_collect_domains(m, w, i, asked);
        }
}

/* Sorts stably: what stays longer first, but never-expiring ones last. */
static void model_sort(Model *m) {
        for (size_t i = 1; i < m->n; i++)
                for (size_t k = i; k > 0; k--) {
                        int64_t before = m->entries[k - 1].binding->expiry,
                                        after = m->entries[k].binding->expiry;
                        ModelEntry e = m->entries[k];

                        if (before == after || after == 0 || (before != 0 && before > after))
                                break;
                        m->entries[k] = m->entries[k - 1];
                        m->entries[k - 1] = e;
                }
}

static bool model_same(const ModelEntry *a, const ModelEntry *b) {
        return address_compare(&a->binding->address, &b->binding->address) == 0 &&
               (!address_is_link_local(a->binding->address.family, a->binding->address.bytes) ||
                strcmp(a->interface, b->interface) == 0);
}

/* Of two entries with one address, marks the one that goes first. */
static void model_mark(ModelEntry *a, ModelEntry *b) {
        if (b->binding->expiry == 0 && a->binding->expiry != 0)
                a->duplicate = true;
        else
                b->duplicate = true;
}

static const char *model_answer(const World *w, NameVariant variant, const char *asked, int family,
                const char *interface, char *text, size_t size) {
        bool expired = false, other = false, runs = false;
        size_t n = 0, length = 0;
        Model m = { 0 };

        model_collect(&m, w, variant, asked);
        model_sort(&m);
        for (size_t i = 0; i < m.n; i++)
                runs = runs || (m.entries[i].runs &&
                                (m.entries[i].binding->expiry == 0 || m.entries[i].binding->expiry >= NOW));
        for (size_t i = 0; i < m.n; i++) {
                const ModelEntry *e = m.entries + i;

                if (e->binding->expiry != 0 && e->binding->expiry < NOW)
                        expired = true;
                else if (runs && !e->runs)
                        continue;
                else if ((family != AF_UNSPEC && family != e->binding->address.family) ||
                         (interface && strcmp(interface, e->interface) != 0))
                        other = true;
                else
                        m.entries[n++] = *e;
        }
        for (size_t i = 0; i < n; i++)
                for (size_t k = i + 1; k < n && !m.entries[i].duplicate; k++)
                        if (!m.entries[k].duplicate && model_same(m.entries + i, m.entries + k))
                                model_mark(m.entries + i, m.entries + k);
        for (size_t i = 0; i < n; i++) {
                const ModelEntry *e = m.entries + i;
                char address[ADDRESS_TEXT_MAX];

                if (!e->duplicate)
                        length += (size_t) snprintf(text + length, size - length, "%s%s %s%%%s/%lld",
                                                    length > 0 ? " " : "", e->name,
                                                    address_format(&e->binding->address, address),
                                                    e->interface,
                                                    (long long) e->binding->expiry);
                ck_assert_uint_lt(length, size);
        }
        return length > 0 ? text : other ? "no family" : expired ? "expired" : m.leaseless ? "no "
                        "lease" : "no name";
}

/* Each question of a world that there is; how many found something. */
static size_t check_names(const World *w, const Index *index, unsigned seed) {
        static const char *const asked[] = {
                "web1", "web2", "db", "vm", "here", "puppet", "localhost", "_x", "a b", "-a", "x.y",
                "web1.lab.example",
                "web2.lab.example", "vm.lab.example", "web1.example", "db.example", "db.lab.example",
                "here.lab.example",
                "puppet.example", "wpad.example", "web1.lab.example.lab.example", "a b.lab.example", "nosuch",
        };
        static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
        static const char *const interfaces[] = { NULL, "virbr0", "virbr2" };
        char got[TEXT_MAX], wanted[TEXT_MAX];
        size_t n_found = 0;
        Answer answer;

        for (unsigned i = 0; i < ELEMENTS(asked) * 2 * 9; i++) {
                const char *name = asked[i / 18], *interface = interfaces[i / 3 % 3];
                NameVariant variant = i / 9 % 2 ? VARIANT_DOMAIN : VARIANT_LEASE;
                int family = families[i % 3], r;

                r = index_find_name(index, variant, name, family, interface, NOW, &answer);
                ck_assert_msg(strcmp(answer_text(r, &answer, got, sizeof(got)),
                                     model_answer(w, variant, name, family, interface, wanted,
                                     sizeof(wanted))) == 0,
                              "world %u: %s, variant %d, family %d, interface %s: got %s, wanted %s", seed,
                              name, variant,
                              family, interface ? interface : "any",
                              answer_text(r, &answer, got, sizeof(got)),
                              model_answer(w, variant, name, family, interface, wanted, sizeof(wanted)));
                n_found += r == LOOKUP_FOUND;
        }
        return n_found;
}

/* A reverse lookup gives those names, and only those, whose forward lookup gives the address. */
static size_t check_addresses(const World *w, const Index *index, unsigned seed) {
        char text[TEXT_MAX];
        size_t n_found = 0;
        Answer answer, forward;

        for (size_t i = 0; i < ELEMENTS(some_addresses); i++)
                for (int variant = VARIANT_LEASE; variant <= VARIANT_DOMAIN; variant++) {
                        int r = find_address(index, variant, some_addresses[i], NULL, NOW, &answer);

                        if (r != LOOKUP_FOUND) {
                                ck_assert(r == LOOKUP_NO_NAME || r == LOOKUP_EXPIRED);
                                continue;
                        }
                        n_found++;
                        ck_assert(strncmp(some_addresses[i], "fe80", 4) != 0);
                        for (size_t k = 0; k < answer.n_entries; k++) {
                                const char *name = answer_name(&answer, answer.entries + k);

                                ck_assert(name_is_hostname(name));
                                ck_assert_int_eq(index_find_name(index, (NameVariant) variant, name,
                                                AF_UNSPEC, NULL,
                                                                 NOW, &forward), LOOKUP_FOUND);
                                (void) answer_text(LOOKUP_FOUND, &forward, text, sizeof(text));
                                ck_assert_msg(strstr(text, some_addresses[i]), "world %u: %s: %s", seed, name,
                                                text);
                        }
                }
        return n_found;
}

/* And the other way: each address of a name that may have a reverse one names it. */
static void check_back(const Index *index, unsigned seed) {
        Answer answer, back;

        for (size_t i = 0; i < ELEMENTS(some_names); i++) {
                if (index_find_name(index, VARIANT_LEASE, some_names[i], AF_UNSPEC, NULL, NOW,
                                &answer) != LOOKUP_FOUND)
                        continue;
                for (size_t k = 0; k < answer.n_entries; k++) {
                        const IndexEntry *e = answer.entries + k;
                        int family = e->family;
                        bool found = false;

                        if (address_is_link_local(family, e->address))
                                continue;
                        ck_assert_int_eq(index_find_address(index, VARIANT_LEASE, family, e->address, NULL,
                                        NOW, &back),
                                         LOOKUP_FOUND);
                        for (size_t j = 0; j < back.n_entries; j++)
                                found = found || name_equal(answer_name(&back, back.entries + j),
                                                answer_name(&answer, e));
                        ck_assert_msg(found, "world %u: %s", seed, some_names[i]);
                }
        }
}

START_TEST(test_model) {
        size_t n_names = 0, n_addresses = 0;

        for (unsigned seed = (unsigned) _i * 1000; seed < (unsigned) (_i + 1) * 1000; seed++) {
                Random random = { seed };
                _cleanup_(world_freep) World *w = world_generate(&random);
                size_t dropped;
                _cleanup_(closep) int fd = world_index(w, &dropped);
                Index index;

                ck_assert_uint_eq(dropped, 0);
                ck_assert_int_eq(index_load(fd, &index), 0);
                n_names += check_names(w, &index, seed);
                n_addresses += check_addresses(w, &index, seed);
                check_back(&index, seed);
        }
        ck_assert_uint_gt(n_names, 1000);
        ck_assert_uint_gt(n_addresses, 100);
}
END_TEST

/* ---- META ---- */

START_TEST(test_meta) {
        /* native byte order */
        static const struct {
                uint64_t magic;
                uint32_t state, n_leases;
        } start = { UINT64_C(0x33584449564c0a0d), 1, 3 };
        _cleanup_(world_freep) World *w = world_read(TWO_BRIDGES);
        _cleanup_(closep) int fd = world_index(w, NULL);
        _cleanup_(freep) char *bytes = NULL;
        IndexMeta meta;
        size_t size;
        Index index;

        bytes = index_bytes(fd, &size);
        ck_assert(memcmp(bytes + INDEX_TOC_SIZE, "\4\0\0\0\x50\0\0\0META", 12) == 0);
        ck_assert(memcmp(bytes + INDEX_META_POSITION, &start, sizeof(start)) == 0);

        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_int_eq(index.fd, fd);
        meta = index_meta(&index);
        ck_assert(memcmp(&meta, &world_meta, sizeof(meta)) == 0);

        /* put in anew, nothing else changes */
        meta.signature.mtime_sec++;
        ck_assert_int_eq(index_write_meta(fd, &meta), 0);
        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_int_eq(index_meta(&index).signature.mtime_sec, world_meta.signature.mtime_sec + 1);
        ck_assert_int_eq(index_write_meta(fd, &world_meta), 0);
        {
                _cleanup_(freep) char *again = index_bytes(fd, &size);

                ck_assert(memcmp(bytes, again, size) == 0);
        }
        ck_assert_int_eq(index_write_meta(-1, &meta), -EBADF);
}
END_TEST

START_TEST(test_meta_alone) {
        _cleanup_(closep) int fd = bytes_index("", 0);
        IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_FAILED };
        size_t dropped = 1;
        Answer answer;
        Index index;

        ck_assert_int_eq(index_write(fd, &meta, NULL, &dropped), 0);
        ck_assert_uint_eq(dropped, 0);
        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_uint_eq(index_meta(&index).state, INDEX_FAILED);
        ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 1, &answer),
                        LOOKUP_NO_NAME);
        ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "META", AF_UNSPEC, NULL, 1, &answer),
                        LOOKUP_NO_NAME);
}
END_TEST

/* Any one difference in what META says of the directory counts. */
START_TEST(test_current) {
        const struct stat st = {
                .st_dev = 5, .st_ino = 6, .st_mtim = { 7, 8 }, .st_ctim = { 9, 10 },
        };
        IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_LIVE };

        stat_signature(&st, &meta.signature);
        ck_assert(index_is_current(&meta, &st));
        for (int i = 0; i < 6; i++) {
                struct stat other = st;

                other.st_dev += i == 0;
                other.st_ino += i == 1;
                other.st_mtim.tv_sec -= i == 2;
                other.st_mtim.tv_nsec += i == 3;
                other.st_ctim.tv_sec -= i == 4;
                other.st_ctim.tv_nsec += i == 5;
                ck_assert(!index_is_current(&meta, &other));
        }
        meta.state = INDEX_FAILED;
        ck_assert(!index_is_current(&meta, &st));
        meta.state = INDEX_ABSENT;
        ck_assert(!index_is_current(&meta, &st));
}
END_TEST

START_TEST(test_write_fails) {
        _cleanup_(world_freep) World *w = world_read(TWO_BRIDGES);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(closep) int full = open("/dev/full", O_RDWR | O_CLOEXEC),
                        reading = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        size_t dropped = 77;

        ck_assert(full >= 0 && reading >= 0);
        ck_assert_int_eq(index_write(-1, &world_meta, c, &dropped), -EBADF);
        ck_assert_int_eq(index_write(reading, &world_meta, c, &dropped), -EBADF);
        ck_assert_int_eq(index_write(full, &world_meta, c, &dropped), -ENOSPC);
        ck_assert_int_eq(index_write(full, &world_meta, NULL, &dropped), -ENOSPC);
        ck_assert_int_eq(index_write_meta(full, &world_meta), -ENOSPC);
        ck_assert_uint_eq(dropped, 77);
}
END_TEST

/* ---- what doesn't fit ---- */

/* The newest stay, and so does what never expires; the rest is counted. */
START_TEST(test_overflow) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        char address[32];
        size_t dropped, n = 400, n_never = 3;
        Answer answer;
        Index index;

        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < n; i++) {
                (void) snprintf(address, sizeof(address), "10.0.%u.%u", i / 250, 1 + i % 250);
                world_add_lease(w, i % 2 ? "web1" : "WEB1", address, 0, i < n_never ? 0 : 1000 + i);
        }
        w->policy.reverse = false;
        fd = world_index(w, &dropped);
        ck_assert_uint_gt(dropped, 0);
        ck_assert_int_eq(index_load(fd, &index), 0);

        ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 1, &answer),
                        LOOKUP_FOUND);
        ck_assert_uint_gt(answer.n_entries, 160);
        ck_assert_uint_eq(answer.n_entries + dropped, n);
        for (size_t i = 0; i < answer.n_entries - n_never; i++)
                ck_assert_int_eq(answer.entries[i].expiry, 1000 + (int64_t) (n - 1 - i));
        for (size_t i = answer.n_entries - n_never; i < answer.n_entries; i++)
                ck_assert_int_eq(answer.entries[i].expiry, 0);

        /* a name that has a lease is found, however many had it */
        ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, 100000, &answer),
                        LOOKUP_FOUND);
        ck_assert_uint_eq(answer.n_entries, n_never);
}
END_TEST

/* The names of an address, and names as long as they may be. */
START_TEST(test_overflow_names) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        char name[64];
        size_t dropped;
        Answer answer;
        Index index;

        memset(name, 'a', sizeof(name));
        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < 300; i++) {
                (void) snprintf(name + 56, sizeof(name) - 56, "%u", i);
                world_add_lease(w, name, "10.0.0.1", 0, i < 2 ? 0 : 1000 + i);
        }
        fd = world_index(w, &dropped);
        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_int_eq(find_address(&index, VARIANT_LEASE, "10.0.0.1", NULL, 1, &answer), LOOKUP_FOUND);
        ck_assert_uint_gt(answer.n_entries, 70);
        ck_assert_uint_eq(answer.n_entries + dropped, 300);
        ck_assert_int_eq(answer.entries[0].expiry, 1299);
        ck_assert_int_eq(answer.entries[answer.n_entries - 1].expiry, 0);

        for (unsigned i = 0; i < 300; i++) {
                (void) snprintf(name + 56, sizeof(name) - 56, "%u", i);
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, name, AF_UNSPEC, NULL, 1, &answer),
                                LOOKUP_FOUND);
        }
}
END_TEST

/* ---- many ---- */

START_TEST(test_many) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        char name[32], address[32];
        const unsigned n = 100000;
        size_t dropped;
        Answer answer;
        Index index;

        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "guest%u", i);
                (void) snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                world_add_lease(w, name, address, i + 1, 1000 + i);
                if (i % 10 == 0)
                        world_add_domain(w, name, (unsigned[]) { i + 1 }, 1);
        }
        fd = world_index(w, &dropped);
        ck_assert_uint_eq(dropped, 0);
        ck_assert_int_eq(index_load(fd, &index), 0);

        for (unsigned i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "GUEST%u", i);
                (void) snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, name, AF_INET, "virbr0", 1000,
                                &answer), LOOKUP_FOUND);
                ck_assert_uint_eq(answer.n_entries, 1);
                ck_assert_int_eq(answer.entries[0].expiry, 1000 + i);
                ck_assert_int_eq(index_find_name(&index, VARIANT_DOMAIN, name, AF_UNSPEC, NULL, 1000,
                                &answer),
                                 i % 10 == 0 ? LOOKUP_FOUND : LOOKUP_NO_NAME);
                ck_assert_int_eq(find_address(&index, 0, address, NULL, 1000, &answer), LOOKUP_FOUND);
                ck_assert(name_equal(answer_name(&answer, answer.entries), name));
                (void) snprintf(name, sizeof(name), "nosuch%u", i);
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, name, AF_INET, NULL, 1000, &answer),
                                LOOKUP_NO_NAME);
        }
}
END_TEST

/* ---- hashes ---- */

/* What its authors publish: the key 0 1 2 …, of inputs 0 1 2 … */
START_TEST(test_hash) {
        static const struct {
                size_t size;
                uint64_t hash;
        } rows[] = {
                { 0, UINT64_C(0x726fdb47dd0e0e31) },  { 1, UINT64_C(0x74f839c593dc67fd) },
                { 7, UINT64_C(0xab0200f58b01d137) },  { 8, UINT64_C(0x93f5f5799a932462) },
                { 15, UINT64_C(0xa129ca6149be45e5) }, { 63, UINT64_C(0x958a324ceb064572) },
        };
        uint8_t bytes[64];
        IndexSalt salt;

        for (uint8_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = i;
        memcpy(salt.bytes, bytes, sizeof(salt.bytes));
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                ck_assert_uint_eq(siphash24(salt.bytes, bytes, rows[i].size), rows[i].hash);
}
END_TEST

START_TEST(test_key) {
        static const IndexSalt salts[] = { { { 0 } }, { { 1 } } };
        static const uint8_t address[16] = { 10, 0, 0, 1 };
        char longest[NAME_SIZE];
        IndexKey keys[2];

        for (size_t i = 0; i < ELEMENTS(salts); i++) {
                index_key_of_name(salts + i, VARIANT_LEASE, "web1", keys + i);
                ck_assert_uint_eq(keys[i].length, 8 + 5);
                ck_assert_uint_eq(strspn(keys[i].bytes, "0123456789abcdef"), 8);
                ck_assert_mem_eq(keys[i].bytes + 8, "hweb1", 5);
        }
        ck_assert_mem_ne(keys[0].bytes, keys[1].bytes, 8);
        index_key_of_name(salts, VARIANT_DOMAIN, "web1", keys + 1);
        ck_assert_mem_eq(keys[1].bytes + 8, "dweb1", 5);
        ck_assert_mem_ne(keys[0].bytes, keys[1].bytes, 8);

        index_key_of_address(salts, AF_INET, address, keys);
        ck_assert_uint_eq(keys[0].length, 8 + 6);
        ck_assert_mem_eq(keys[0].bytes + 8, "a4\12\0\0\1", 6);
        index_key_of_address(salts, AF_INET6, address, keys);
        ck_assert_uint_eq(keys[0].length, 8 + 18);

        memset(longest, 'a', NAME_LENGTH_MAX);
        longest[NAME_LENGTH_MAX] = '\0';
        index_key_of_name(salts, VARIANT_LEASE, longest, keys);
        ck_assert_uint_eq(keys[0].length, INDEX_KEY_MAX);
}
END_TEST

/* What a lookup may meet at worst in an index: records of one hash, and used slots in a row. */
typedef struct Crowd {
        uint32_t n_same, n_row;
} Crowd;

static uint32_t u32_at(const char *bytes, size_t at) {
        uint32_t v;

        memcpy(&v, bytes + at, sizeof(v));
        return le32toh(v);
}

static int u32_compare(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return x < y ? -1 : x > y;
}

/* Counts in a table, whose slots are twice as many as its records. */
static void table_count(const char *table, uint32_t n, Crowd *crowd) {
        _cleanup_(freep) uint32_t *hashes = calloc(n + 1, sizeof(*hashes));
        uint32_t n_hashes = 0, row = 0, same = 0;

        ck_assert_ptr_nonnull(hashes);
        for (uint32_t i = 0; i < 2 * n; i++) { /* twice around: a row may go on at the beginning */
                bool used = u32_at(table, 8 * (i % n) + 4) != 0;

                row = used ? row + 1 : 0;
                crowd->n_row = MAX2(crowd->n_row, row);
                if (used && i < n)
                        hashes[n_hashes++] = u32_at(table, 8 * i);
        }
        qsort(hashes, n_hashes, sizeof(*hashes), u32_compare);
        for (uint32_t i = 0; i < n_hashes; i++) {
                same = i > 0 && hashes[i] == hashes[i - 1] ? same + 1 : 1;
                crowd->n_same = MAX2(crowd->n_same, same);
        }
}

static Crowd index_count(int fd) {
        size_t size;
        _cleanup_(freep) char *bytes = index_bytes(fd, &size);
        Crowd crowd = { 0 };

        for (unsigned i = 0; i < 256; i++)
                table_count(bytes + u32_at(bytes, 8 * i), u32_at(bytes, 8 * i + 4), &crowd);
        return crowd;
}

static int salted_index(const Catalog *catalog, uint8_t salt) {
        int fd = memfd_create("names", MFD_CLOEXEC);
        IndexMeta meta = world_meta;
        size_t dropped;

        memset(&meta.salt, salt, sizeof(meta.salt));
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(index_write(fd, &meta, catalog, &dropped), 0);
        return fd;
}

static void check_flooded(const World *w, int fd) {
        Answer answer;
        Index index;

        ck_assert_int_eq(index_load(fd, &index), 0);
        for (unsigned i = 0; i < w->lists[0].n_bindings; i += 61) {
                const Binding *l = w->lists[0].bindings + i;

                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, l->hostname, AF_UNSPEC, NULL, 1,
                                &answer), LOOKUP_FOUND);
                ck_assert_uint_eq(answer.n_entries, 1);
                ck_assert_int_eq(answer.entries[0].expiry, l->expiry);
        }
}

/* Guests that give themselves the names that would make an index slow, and web1 the slowest, don't:
 * whatever the salt, none included. */
START_TEST(test_flood) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(catalog_freep) Catalog *c = NULL;
        char name[FLOOD_NAME_SIZE];
        Flood flood;

        flood_make("web1", &flood);
        w->policy.reverse = false;
        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < FLOOD_NAMES; i++)
                world_add_lease(w, flood_name(&flood, i, name), "10.0.0.2", 0, 1000 + i);
        world_add_lease(w, "web1", "10.0.0.1", 0, 7);
        c = world_catalog(w);
        for (uint8_t salt = 0; salt < 4; salt++) {
                _cleanup_(closep) int fd = salted_index(c, salt);
                Crowd crowd = index_count(fd);

                ck_assert_uint_le(crowd.n_same, 3);
                ck_assert_uint_le(crowd.n_row, 100);
                check_flooded(w, fd);
        }
}
END_TEST

/* A million leases are far from the limits of a lookup. */
START_TEST(test_million) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        char name[32], address[32];
        Crowd crowd;

        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < CATALOG_LEASES_MAX; i++) {
                (void) snprintf(name, sizeof(name), "guest%u", i);
                (void) snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                world_add_lease(w, name, address, 0, 1000 + i);
        }
        fd = world_index(w, NULL);
        crowd = index_count(fd);
        ck_assert_uint_le(crowd.n_same, INDEX_SAME_HASH_MAX / 2);
        ck_assert_uint_le(crowd.n_row, INDEX_SLOTS_MAX / 2);
}
END_TEST

/* The library's own tool reads it: a plain cdb. */
START_TEST(test_plain) {
        _cleanup_(world_freep) World *w = world_read(TWO_BRIDGES);
        _cleanup_(closep) int fd = world_index(w, NULL);
        char command[128], line[256];
        size_t n_keys = 0, n_meta = 0;
        FILE *p;

        if (system("command -v cdb > /dev/null") != 0) {
                fprintf(stderr, "cdb (tinycdb) isn't installed: not tested\n");
                return;
        }
        (void) snprintf(command, sizeof(command), "cdb -d /proc/%d/fd/%d | tr '\\0' .", getpid(), fd);
        p = popen(command, "r");
        ck_assert_ptr_nonnull(p);
        while (fgets(line, sizeof(line), p)) {
                n_keys += line[0] == '+';
                n_meta += strncmp(line, "+4,80:META->", 12) == 0 && n_keys == 1;
        }
        ck_assert_int_eq(pclose(p), 0);
        ck_assert_uint_eq(n_meta, 1);
        ck_assert_uint_gt(n_keys, 8);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("index");

        tcase_add_loop_test(tcase, test_name, 0, ELEMENTS(names));
        tcase_add_test(tcase, test_expired);
        tcase_add_test(tcase, test_duplicates);
        tcase_add_loop_test(tcase, test_address, 0, ELEMENTS(addresses));
        tcase_add_test(tcase, test_no_reverse);
        tcase_add_test(tcase, test_forms);
        tcase_add_loop_test(tcase, test_model, 0, 3);
        tcase_add_test(tcase, test_meta);
        tcase_add_test(tcase, test_meta_alone);
        tcase_add_test(tcase, test_current);
        tcase_add_test(tcase, test_write_fails);
        tcase_add_test(tcase, test_overflow);
        tcase_add_test(tcase, test_overflow_names);
        tcase_add_test(tcase, test_many);
        tcase_add_test(tcase, test_hash);
        tcase_add_test(tcase, test_key);
        tcase_add_test(tcase, test_flood);
        tcase_add_test(tcase, test_million);
        tcase_add_test(tcase, test_plain);
        return unit_run("index", tcase);
}
