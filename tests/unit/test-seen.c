/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Addresses that were seen on bridges: which of them are domains', and what they are answered for.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "unit.h"
#include "worlds.h"

#define NOW 1000

static const char *verdict_text(SeenVerdict v) {
        static const char *const texts[_SEEN_VERDICT_MAX] = {
                "good", "unbelieved", "unconfirmed", "bad-address", "no-network", "off-link", "hosts-own",
                "networks",
                "gateway", "no-routes", "other-tap", "two-domains", "static", "too-many", "held", "leased",
                "superseded", "link-local", "expired",
        };

        return texts[v];
}

/* Each claim as a line: domain, address, bridge, verdict, and the domain that had it first. */
static char *judged_text(const Catalog *c, int64_t now) {
        char *text = NULL, address[ADDRESS_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < c->n_seen; i++) {
                const JudgedAddress *j = c->seen + i;

                fprintf(f, "%s %s%%%s %s%s%s\n", j->domain, address_format(&j->seen.address, address),
                        c->networks[j->network].interface, verdict_text(judged_verdict(j, now)),
                        j->rival ? " " : "",
                        j->rival ?: "");
                ck_assert((j->verdict == SEEN_GOOD) == (j->binding != CATALOG_NONE));
                if (j->binding != CATALOG_NONE)
                        ck_assert_int_eq(address_compare(&c->bindings[j->binding].binding->address,
                                        &j->seen.address), 0);
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

/* br0 with the host's 10.9.0.1/24 and fd09::1/64, and two domains on it, by their NICs; 10.9.0.254 is the
 * router. */
#define BR0 \
        "on-link,br0,10.9.0.1,24\non-link,br0,fd09::1,64\non-link,br0,fe80::1,64\n" \
        "on-link,eth1,10.8.0.1,24\ngateway,10.9.0.254\nlink,vnet1,1\nlink,vnet2,2\n" \
        "nic,web,1,br0,vnet1\nnic,evil,2,br0,vnet2\n"

/* The same of one of libvirt's own networks, by its MAC map alone. */
#define VIRBR1 \
        "network,virbr1\ndomain,web,1\ndomain,evil,2\non-link,virbr1,10.9.0.1,24\nlink,vnet1,1\n" \
        "link,vnet2,2\n"

static const struct {
        const char *world, *judged;
} rows[] = {
        { BR0, "" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600", "web 10.9.0.7%br0 good\n" },
        { VIRBR1 "seen,virbr1,10.9.0.7,1,vnet1,500,600", "web 10.9.0.7%virbr1 good\n" },
        { BR0 "seen,br0,fd09::7,1,vnet1,500,600\nseen,br0,fe80::7,1,vnet1,500,600",
          "web fd09::7%br0 good\nweb fe80::7%br0 link-local\n" },

        /* whose it is: only a running domain's MAC address counts, by the domain's own tap, on that bridge */
        { BR0 "seen,br0,10.9.0.7,3,vnet1,500,600", "" },
        { BR0 "seen,br0,10.9.0.7,1,vnet2,500,600", "web 10.9.0.7%br0 other-tap\n" },
        { BR0 "seen,br0,10.9.0.7,1,,500,600", "web 10.9.0.7%br0 other-tap\n" },
        { BR0 "seen,br1,10.9.0.7,1,vnet1,500,600", "" },
        { VIRBR1 "seen,virbr1,10.9.0.7,1,vnet2,500,600", "web 10.9.0.7%virbr1 other-tap\n" },
        { VIRBR1 "seen,virbr1,10.9.0.7,1,eth0,500,600", "web 10.9.0.7%virbr1 other-tap\n" },
        { VIRBR1 "seen,virbr1,10.9.0.7,1,a-name-that-is-no-interface's,500,600",
          "web 10.9.0.7%virbr1 other-tap\n" },
        { VIRBR1 "domain,third,1\nseen,virbr1,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%virbr1 two-domains\n" },
        { VIRBR1 "nic,web,1,virbr1,vnet1\nseen,virbr1,10.9.0.7,1,vnet1,500,600\n"
          "seen,virbr1,10.9.0.8,1,vnet2,500,600",
          "web 10.9.0.7%virbr1 good\nweb 10.9.0.8%virbr1 other-tap\n" },
        { VIRBR1 "nic,web,1,virbr1,vnet2\nseen,virbr1,10.9.0.7,1,vnet2,500,600",
          "web 10.9.0.7%virbr1 good\n" },
        { BR0 "nic,web,7,br0,vnet7\nseen,br0,10.9.0.7,7,vnet7,500,600", "" }, /* vnet7 is gone */
        { BR0 "nic,off,7,br0,-\nseen,br0,10.9.0.7,7,vnet7,500,600", "off 10.9.0.7%br0 other-tap\n" },
        { BR0 "nic,nowhere,7,-,vnet1\nseen,br0,10.9.0.7,7,vnet1,500,600", "" },

        /* which address it may be */
        { BR0 "seen,br0,10.9.1.7,1,vnet1,500,600", "web 10.9.1.7%br0 off-link\n" },
        { BR0 "seen,br0,10.8.0.7,1,vnet1,500,600", "web 10.8.0.7%br0 off-link\n" },
        { BR0 "on-link,eth2,10.9.0.129,25\nseen,br0,10.9.0.200,1,vnet1,500,600",
          "web 10.9.0.200%br0 off-link\n" },
        { BR0 "seen,br0,fd08::7,1,vnet1,500,600", "web fd08::7%br0 off-link\n" },
        { BR0 "seen,br0,10.9.0.1,1,vnet1,500,600\nseen,br0,10.8.0.1,1,vnet1,500,600\n"
          "seen,br0,fe80::1,1,vnet1,500,600",
          "web 10.9.0.1%br0 hosts-own\nweb 10.8.0.1%br0 hosts-own\nweb fe80::1%br0 hosts-own\n" },
        { BR0 "seen,br0,10.9.0.0,1,vnet1,500,600\nseen,br0,10.9.0.255,1,vnet1,500,600\n"
          "seen,br0,fd09::,1,vnet1,500,600\n"
              "seen,br0,fd09::ffff:ffff:ffff:ffff,1,vnet1,500,600",
          "web 10.9.0.0%br0 networks\nweb 10.9.0.255%br0 networks\nweb fd09::%br0 networks\n"
          "web fd09::ffff:ffff:ffff:ffff%br0 good\n" },
        { BR0 "on-link,br0,10.7.0.0,31\nseen,br0,10.7.0.1,1,vnet1,500,600", "web 10.7.0.1%br0 good\n" },
        { BR0 "seen,br0,10.9.0.254,1,vnet1,500,600", "web 10.9.0.254%br0 gateway\n" },
        { BR0 "seen,br0,224.0.0.1,1,vnet1,500,600\nseen,br0,127.0.0.1,1,vnet1,500,600\n"
          "seen,br0,ff02::1,1,vnet1,500,600\n"
              "seen,br0,255.255.255.255,1,vnet1,500,600\nseen,br0,0.0.0.0,1,vnet1,500,600\n"
              "seen,br0,::ffff:10.9.0.7,1,vnet1,500,600",
          "web 224.0.0.1%br0 bad-address\nweb 127.0.0.1%br0 bad-address\nweb ff02::1%br0 bad-address\n"
          "web 255.255.255.255%br0 bad-address\nweb 0.0.0.0%br0 bad-address\n"
          "web ::ffff:10.9.0.7%br0 bad-address\n" },
        { "link,vnet1,1\nnic,web,1,br0,vnet1\nseen,br0,10.9.0.7,1,vnet1,500,600\n"
          "seen,br0,fe80::7,1,vnet1,500,600",
          "web 10.9.0.7%br0 no-network\nweb fe80::7%br0 no-network\n" },
        { BR0 "hosts,52:54:00:00:00:02;10.9.0.7;x|52:54:00:00:00:01;10.9.0.8;y\n"
              "seen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.8,1,vnet1,500,600",
          "web 10.9.0.7%br0 static\nweb 10.9.0.8%br0 good\n" },
        { BR0 "static,no\nhosts,52:54:00:00:00:02;10.9.0.7;x\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 static\n" },
        { BR0 "addn,10.9.0.7\tweb.lab\t\nseen,br0,10.9.0.7,1,vnet1,500,600", "web 10.9.0.7%br0 good\n" },

        /* what the helper says of it */
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,0", "web 10.9.0.7%br0 unconfirmed\n" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,refused", "web 10.9.0.7%br0 unbelieved\n" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,contested", "web 10.9.0.7%br0 good\n" },

        /* how long: a day after the last proof, or less */
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,until,999\nseen,br0,10.9.0.8,1,vnet1,500,600,until,1000",
          "web 10.9.0.7%br0 expired\nweb 10.9.0.8%br0 good\n" },

        /* leases win: those of its own MAC address and family, and those of its address */
        { BR0 "network,br0\nlease,x,10.9.0.9,1,1000\nseen,br0,10.9.0.7,1,vnet1,500,600\n"
          "seen,br0,fd09::7,1,vnet1,500,600",
          "web 10.9.0.7%br0 superseded\nweb fd09::7%br0 good\n" },
        { BR0 "network,br0\nlease,x,10.9.0.9,1,999\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 good\n" },
        { BR0 "network,br0\nlease,x,10.9.0.7,9,1000\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 leased\n" },
        { BR0 "network,br0\nlease,x,10.9.0.7,9,0\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 leased\n" },
        { BR0 "network,br0\nlease,x,10.9.0.7,9,999\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 good\n" },
        { BR0 "network,virbr7\nlease,x,10.9.0.7,0,1000\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "web 10.9.0.7%br0 leased\n" },

        /* one address, two MAC addresses: the first keeps it for as long as its proof lasts */
        { BR0 "seen,br0,10.9.0.7,2,vnet2,501,900\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "evil 10.9.0.7%br0 held web\nweb 10.9.0.7%br0 good\n" },
        { BR0 "seen,br0,10.9.0.7,2,vnet2,0,900\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "evil 10.9.0.7%br0 held web\nweb 10.9.0.7%br0 good\n" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,until,900\nseen,br0,10.9.0.7,2,vnet2,501,900",
          "web 10.9.0.7%br0 expired\nevil 10.9.0.7%br0 good web\n" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,0\nseen,br0,10.9.0.7,2,vnet2,501,900",
          "web 10.9.0.7%br0 unconfirmed\nevil 10.9.0.7%br0 good\n" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.7,1,vnet1,501,900",
          "web 10.9.0.7%br0 good\nweb 10.9.0.7%br0 good\n" },
};

START_TEST(test_judged) {
        _cleanup_(world_freep) World *w = world_read(rows[_i].world);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(freep) char *text = judged_text(c, NOW);

        ck_assert_str_eq(text, rows[_i].judged);
}
END_TEST

/* What a lookup answers. */
static const struct {
        const char *world, *name;
        NameVariant variant;
        const char *answer;
} names[] = {
        { BR0, "web", VARIANT_DOMAIN, "no lease" },
        { BR0 "nic,user-mode,0,-,-", "user-mode", VARIANT_DOMAIN, "no lease" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600", "web", VARIANT_DOMAIN, "web 10.9.0.7%br0/87000" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600", "web", VARIANT_LEASE, "no name" },
        { BR0 "suffix,lab.example\nseen,br0,10.9.0.7,1,vnet1,500,600", "WEB.lab.example", VARIANT_DOMAIN,
          "web.lab.example 10.9.0.7%br0/87000" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,until,999", "web", VARIANT_DOMAIN, "expired" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,0", "web", VARIANT_DOMAIN, "no lease" },
        { BR0 "nic,localhost,1,br0,vnet1\nseen,br0,10.9.0.7,1,vnet1,500,600", "localhost", VARIANT_DOMAIN,
          "no name" },

        /* in order: leases, IPv4, IPv6, and link-local ones only if there is nothing else */
        { BR0 "network,virbr0\nlease,x,10.0.0.1,5,2000\ndomain,web,5\n"
              "seen,br0,fe80::7,1,vnet1,500,600\nseen,br0,fd09::7,1,vnet1,500,600\n"
              "seen,br0,10.9.0.7,1,vnet1,500,600",
          "web", VARIANT_DOMAIN, "web 10.0.0.1%virbr0/2000 web 10.9.0.7%br0/87000 web fd09::7%br0/87000" },
        { BR0 "seen,br0,fe80::7,1,vnet1,500,600", "web", VARIANT_DOMAIN, "web fe80::7%br0/87000" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.8,1,vnet1,500,700", "web", VARIANT_DOMAIN,
          "web 10.9.0.8%br0/87100 web 10.9.0.7%br0/87000" },

        /* a lease's answer stays what it was */
        { BR0 "network,br0\nlease,x,10.9.0.9,1,1000\nseen,br0,10.9.0.7,1,vnet1,500,600", "web",
          VARIANT_DOMAIN,
          "web 10.9.0.9%br0/1000" },
        { BR0 "network,br0\nlease,x,10.9.0.9,1,999\nseen,br0,10.9.0.7,1,vnet1,500,600", "web", VARIANT_DOMAIN,
          "web 10.9.0.7%br0/87000" },

        /* a static name stays, too */
        { BR0 "addn,10.9.0.9\tweb\t\nseen,br0,10.9.0.7,1,vnet1,500,600", "web", VARIANT_LEASE,
          "web 10.9.0.9%br0/0" },

        /* nobody else has a running domain's name, wherever the domain is */
        { BR0 "network,virbr0\nlease,web,10.0.0.1,5,2000", "web", VARIANT_LEASE, "no name" },
        { BR0 "nic,apart,0,-,-\nnetwork,virbr0\nlease,apart,10.0.0.1,5,2000", "apart", VARIANT_LEASE,
          "no name" },
};

START_TEST(test_name) {
        _cleanup_(world_freep) World *w = world_read(names[_i].world);
        _cleanup_(closep) int fd = world_index(w, NULL);
        char text[512];
        Answer answer;
        Index index;
        int r;

        ck_assert_int_eq(index_load(fd, &index), 0);
        r = index_find_name(&index, names[_i].variant, names[_i].name, AF_UNSPEC, NULL, NOW, &answer);
        ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), names[_i].answer);
}
END_TEST

static const struct {
        const char *world, *answer;
} addresses[] = {
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600", "web 10.9.0.7%br0/87000" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,contested", "no name" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.7,2,vnet2,501,600", "no name" },
        { BR0 "seen,br0,10.9.0.7,1,vnet1,500,600,refused", "no name" },
        { BR0 "nic,two words,1,br0,vnet1\nseen,br0,10.9.0.7,1,vnet1,500,600", "no name" },
        { BR0 "network,virbr0\nlease,x,10.9.0.7,9,2000\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "x 10.9.0.7%virbr0/2000" },
        { BR0 "addn,10.9.0.7\tdb\t\nseen,br0,10.9.0.7,1,vnet1,500,600",
          "db 10.9.0.7%br0/0 web 10.9.0.7%br0/87000" },
};

START_TEST(test_address) {
        _cleanup_(world_freep) World *w = world_read(addresses[_i].world);
        _cleanup_(closep) int fd = world_index(w, NULL);
        char text[512];
        Answer answer;
        Address a;
        Index index;
        int r;

        ck_assert_int_eq(index_load(fd, &index), 0);
        ck_assert_int_eq(address_parse("10.9.0.7", &a), 0);
        r = index_find_address(&index, 0, AF_INET, a.bytes, NULL, NOW, &answer);
        ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), addresses[_i].answer);
}
END_TEST

/* Without what helpers state, the index has the same bytes. */
START_TEST(test_unchanged) {
        static const char *const without =
                        "network,virbr0\nlease,x,10.0.0.1,5,2000\ndomain,vm,5\ndomain,new,6\n"
                                           "on-link,virbr0,10.0.0.254,24\n"
                                           "hosts,52:54:00:00:00:06;10.0.0.9;db\n";
        _cleanup_(world_freep) World *a = world_read(without), *b = NULL;
        _cleanup_(freep) char *text = NULL, *a_bytes = NULL, *b_bytes = NULL;
        _cleanup_(closep) int a_fd = world_index(a, NULL), b_fd = -1;
        size_t a_size, b_size;

        ck_assert_int_ge(asprintf(&text,
                        "%slink,vnet5,5\ngateway,10.0.0.253\nseen,virbr0,10.0.0.1,5,vnet5,500,600,until,1000",
                        without), 0);
        b = world_read(text);
        b_fd = world_index(b, NULL);
        a_bytes = index_bytes(a_fd, &a_size);
        b_bytes = index_bytes(b_fd, &b_size);
        /* The lease outlasts what was seen, so not even that changes anything. */
        ck_assert_uint_eq(a_size, b_size);
        ck_assert_mem_eq(a_bytes, b_bytes, a_size);
}
END_TEST

static size_t count_good(const Catalog *c, unsigned mac) {
        const MacAddress wanted = world_mac(mac);
        size_t n = 0;

        for (size_t i = 0; i < c->n_seen; i++)
                n += c->seen[i].verdict == SEEN_GOOD &&
                                memcmp(&c->seen[i].seen.mac, &wanted, sizeof(wanted)) == 0;
        return n;
}

/* A NIC that shows as many addresses as it can costs no other NIC one; the newest and the steadiest are
 * kept. */
START_TEST(test_too_many) {
        _cleanup_(world_freep) World *w = world_read(BR0 "seen,br0,10.9.0.7,1,vnet1,500,600");
        _cleanup_(catalog_freep) Catalog *c = NULL;
        char line[128];
        SeenList *list = (SeenList *) w->bridges[0].list;

        for (unsigned i = 0; i < 8000; i++) {
                (void) snprintf(line, sizeof(line), "fd09::1:%x", i);
                list->addresses = realloc(list->addresses,
                                (list->n_addresses + 1) * sizeof(*list->addresses));
                list->addresses[list->n_addresses] = (SeenAddress) {
                        .mac = world_mac(2),
                        .tap = "vnet2",
                        .first_seen = 500,
                        .confirmed = 1 + i,
                };
                ck_assert_int_eq(address_parse(i == 17 ? "fd09::5054:ff:fe00:2" : line,
                                                 &list->addresses[list->n_addresses++].address),
                                0);
        }
        c = world_catalog(w);
        ck_assert_uint_eq(count_good(c, 1), 1);
        ck_assert_uint_eq(count_good(c, 2), SEEN_NIC_MAX);
        ck_assert_int_eq(c->seen[1 + 17].verdict, SEEN_GOOD);
        ck_assert_int_eq(c->seen[1 + 7999].verdict, SEEN_GOOD);
        ck_assert_int_eq(c->seen[1 + 7993].verdict, SEEN_GOOD);
        ck_assert_int_eq(c->seen[1 + 7992].verdict, SEEN_TOO_MANY);
}
END_TEST

static const struct {
        size_t n_max, first, second, third;
} shares[] = {
        { 100, 8, 3, 1 },
        { 12, 8, 3, 1 },
        { 11, 7, 3, 1 },
        { 7, 3, 3, 1 },
        { 5, 2, 2, 1 },
        { 3, 1, 1, 1 },
        { 2, 0, 0, 0 },
};

START_TEST(test_shares) {
        _cleanup_(seen_table_done) SeenTable t = { 0 };
        const size_t given[] = { 10, 3, 1 };
        size_t good[ELEMENTS(given)] = { 0 };

        t.addresses = calloc(20, sizeof(*t.addresses));
        for (unsigned i = 0; i < ELEMENTS(given); i++)
                for (size_t k = 0; k < given[i]; k++)
                        t.addresses[t.n_addresses++] = (JudgedAddress) {
                                .seen = { .mac = world_mac(1 + i), .confirmed = 5,
                                          .address = { AF_INET, { 10, 0, (uint8_t) i, (uint8_t) (1 + k) } } },
                                .outrun_until = INT64_MIN,
                        };
        ck_assert_int_eq(seen_table_finish(&t, shares[_i].n_max), 0);
        for (size_t i = 0; i < t.n_addresses; i++)
                good[t.addresses[i].seen.address.bytes[2]] += t.addresses[i].verdict == SEEN_GOOD;
        ck_assert_uint_eq(good[0], shares[_i].first);
        ck_assert_uint_eq(good[1], shares[_i].second);
        ck_assert_uint_eq(good[2], shares[_i].third);
}
END_TEST

START_TEST(test_reasons) {
        for (int v = 0; v <= _SEEN_VERDICT_MAX; v++)
                ck_assert_str_ne(seen_verdict_reason((SeenVerdict) v), "");
}
END_TEST

START_TEST(test_unknown_routes) {
        _cleanup_(world_freep) World *w = world_read(BR0 "seen,br0,10.9.0.7,1,vnet1,500,600");
        _cleanup_(catalog_freep) Catalog *c = NULL;

        w->host.gateways_unknown = true;
        c = world_catalog(w);
        ck_assert_int_eq(c->seen[0].verdict, SEEN_NO_ROUTES);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("seen");

        tcase_add_loop_test(tcase, test_judged, 0, ELEMENTS(rows));
        tcase_add_loop_test(tcase, test_name, 0, ELEMENTS(names));
        tcase_add_loop_test(tcase, test_address, 0, ELEMENTS(addresses));
        tcase_add_test(tcase, test_unchanged);
        tcase_add_test(tcase, test_too_many);
        tcase_add_loop_test(tcase, test_shares, 0, ELEMENTS(shares));
        tcase_add_test(tcase, test_reasons);
        tcase_add_test(tcase, test_unknown_routes);
        return unit_run("seen", tcase);
}
