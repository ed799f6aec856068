/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What changed from one catalog to the next.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "names/catalog.h"
#include "service/changes.h"
#include "unit.h"
#include "worlds.h"

#define N_MANY 100000U

#define N_ROWS 12

static char text[1024];
static size_t n_changes;

static void on_change(ChangeType type, const Catalog *catalog, const CatalogBinding *lease,
                const CatalogBinding *was, void *userdata) {
        static const char *const signs[] = { [CHANGE_ADDED] = "+", [CHANGE_REMOVED] = "-",
                        [CHANGE_CHANGED] = "~" };
        size_t n = strlen(text);

        ck_assert_str_eq(userdata, "userdata");
        ck_assert_int_eq(was != NULL, type == CHANGE_CHANGED);
        ck_assert(!was || address_compare(&was->binding->address, &lease->binding->address) == 0);
        n_changes++;
        if (n < sizeof(text) - 64)
                (void) snprintf(text + n, sizeof(text) - n, "%s%s ", signs[type], lease->binding->hostname);
}

/* The changes, as text: + - ~ and a lease's hostname. */
static const char *compare(const World *before, int64_t before_time, const World *after, int64_t after_time) {
        _cleanup_(catalog_freep) Catalog *b = before ? world_catalog(before) : NULL;
        _cleanup_(catalog_freep) Catalog *a = after ? world_catalog(after) : NULL;

        text[0] = '\0';
        n_changes = 0;
        ck_assert_int_eq(catalog_compare(SOURCE_LEASE, b, before_time, a, after_time, on_change,
                        (void *) "userdata"), 0);
        return text;
}

START_TEST(test_changes) {
        static const struct {
                const char *before, *after, *changes;
        } rows[N_ROWS] = {
                { "", "lease,a,10.0.0.1,1,0\n", "+a " },
                { "lease,a,10.0.0.1,1,0\n", "", "-a " },
                { "lease,a,10.0.0.1,1,0\n", "lease,a,10.0.0.1,1,0\n", "" },
                { "lease,a,10.0.0.1,1,0\n", "lease,b,10.0.0.1,1,0\n", "~b " },
                { "lease,a,10.0.0.1,1,0\n", "lease,a,10.0.0.1,1,5000\n", "~a " },
                { "lease,a,10.0.0.1,1,0\n", "lease,a,10.0.0.1,2,0\n", "-a +a " },
                { "lease,a,10.0.0.1,1,0\nlease,b,10.0.0.2,2,0\n",
                  "lease,b,10.0.0.2,2,0\nlease,a,10.0.0.1,1,0\n", "" },
                { "lease,a,10.0.0.1,1,0\nlease,b,10.0.0.2,2,0\nlease,c,10.0.0.3,3,0\n",
                  "lease,a,10.0.0.1,1,0\nlease,n,10.0.0.4,4,0\nlease,b,10.0.0.2,2,0\n"
                  "lease,c,10.0.0.3,3,6000\n", "~c +n " },
                /* over before, or now */
                { "lease,a,10.0.0.1,1,900\nlease,b,10.0.0.2,2,0\n",
                  "lease,a,10.0.0.1,1,900\nlease,b,10.0.0.2,2,0\n", "" },
                { "lease,a,10.0.0.1,1,1500\nlease,b,10.0.0.2,2,0\n",
                  "lease,a,10.0.0.1,1,1500\nlease,b,10.0.0.2,2,0\n", "-a " },
                { "lease,a,10.0.0.1,1,900\n", "lease,a,10.0.0.1,1,9000\n", "+a " },
                { "lease,a,10.0.0.1,1,0\nlease,x,10.0.0.9,9,1500\nlease,y,10.0.0.8,8,1500\n"
                  "lease,b,10.0.0.2,2,0\n",
                  "lease,n,10.0.0.3,3,0\nlease,x,10.0.0.9,9,1500\nlease,a,10.0.0.1,1,0\n"
                  "lease,b,10.0.0.2,2,0\n", "+n -y -x " },
        };
        char before[512], after[512];

        (void) snprintf(before, sizeof(before), "network,virbr0\n%s", rows[_i].before);
        (void) snprintf(after, sizeof(after), "network,virbr0\n%s", rows[_i].after);
        {
                _cleanup_(world_freep) World *b = world_read(before), *a = world_read(after);

                ck_assert_str_eq(compare(b, 1000, a, 2000), rows[_i].changes);
        }
}
END_TEST

START_TEST(test_none) {
        _cleanup_(world_freep) World *w = world_read("network,virbr0\nlease,a,10.0.0.1,1,0\n");

        ck_assert_str_eq(compare(NULL, 1000, w, 2000), "+a ");
        ck_assert_str_eq(compare(w, 1000, NULL, 2000), "-a ");
        ck_assert_str_eq(compare(NULL, 1000, NULL, 2000), "");
}
END_TEST

static void on_seen(ChangeType type, const Catalog *catalog, const CatalogBinding *b,
                const CatalogBinding *was, void *userdata) {
        static const char *const signs[] = { [CHANGE_ADDED] = "+", [CHANGE_REMOVED] = "-",
                        [CHANGE_CHANGED] = "~" };
        char address[ADDRESS_TEXT_MAX];
        size_t n = strlen(text);

        ck_assert_int_eq(b->binding->source, SOURCE_SEEN);
        (void) snprintf(text + n, sizeof(text) - n, "%s%s %s ", signs[type], b->domain,
                        address_format(&b->binding->address, address));
}

#define BR0 \
        "network,br0\non-link,br0,10.9.0.1,24\nlink,vnet1,1\nlink,vnet2,2\nnic,web,1,br0,vnet1\n" \
        "nic,db,2,br0,vnet2\n"

/* Addresses that were seen come when they are answered, and go when they no longer are; a newer proof is no
 * news. */
START_TEST(test_seen) {
        static const struct {
                const char *before, *after, *changes;
        } rows[] = {
                { "", "seen,br0,10.9.0.7,1,vnet1,500,600\n", "+web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\n", "", "-web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\n", "seen,br0,10.9.0.7,1,vnet1,500,1600\n", "" },
                { "seen,br0,10.9.0.7,1,vnet1,500,0\n", "seen,br0,10.9.0.7,1,vnet1,500,600\n",
                  "+web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\n", "seen,br0,10.9.0.7,1,vnet1,500,600,refused\n",
                  "-web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\n", "seen,br0,10.9.0.7,1,vnet1,500,600,contested\n",
                  "~web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600,until,1500\n",
                  "seen,br0,10.9.0.7,1,vnet1,500,600,until,1500\n",
                  "-web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\n",
                  "seen,br0,10.9.0.7,1,vnet1,500,600\nlease,x,10.9.0.9,1,5000\n",
                  "-web 10.9.0.7 " },
                { "seen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.8,2,vnet2,500,600\n",
                  "seen,br0,10.9.0.8,2,vnet2,500,600\nseen,br0,10.9.0.9,2,vnet2,500,600\n",
                  "-web 10.9.0.7 +db 10.9.0.9 " },
        };
        char before[512], after[512];

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                (void) snprintf(before, sizeof(before), BR0 "%s", rows[i].before);
                (void) snprintf(after, sizeof(after), BR0 "%s", rows[i].after);
                {
                        _cleanup_(world_freep) World *b = world_read(before), *a = world_read(after);
                        _cleanup_(catalog_freep) Catalog *bc = world_catalog(b), *ac = world_catalog(a);

                        text[0] = '\0';
                        ck_assert_int_eq(catalog_compare(SOURCE_SEEN, bc, 1000, ac, 2000, on_seen, NULL), 0);
                        ck_assert_str_eq(text, rows[i].changes);
                }
        }
}
END_TEST

static int64_t cpu_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* How long it takes to compare where nearly all of so many leases end in the same second. */
static int64_t mass_expiry_usec(unsigned n) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(catalog_freep) Catalog *c = NULL;
        int64_t begin;

        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < n; i++) {
                char address[32];

                (void) snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                world_add_lease(w, "web", address, i + 1, i == n / 2 || i == n - 1 ? 0 : 1500);
        }
        c = world_catalog(w);
        n_changes = 0;
        begin = cpu_usec();
        ck_assert_int_eq(catalog_compare(SOURCE_LEASE, c, 1000, c, 2000, on_change, (void *) "userdata"), 0);
        begin = cpu_usec() - begin;
        ck_assert_uint_eq(n_changes, n - 2);
        return begin;
}

/* A thousand guests that were started together: five times as many take five times as long, not 25 times. */
START_TEST(test_mass_expiry) {
        int64_t few = mass_expiry_usec(N_MANY / 5), many = mass_expiry_usec(N_MANY);

        ck_assert_int_lt(many, 12 * few + 5000);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("changes");

        tcase_add_loop_test(tests, test_changes, 0, N_ROWS);
        tcase_add_test(tests, test_none);
        tcase_add_test(tests, test_mass_expiry);
        tcase_add_test(tests, test_seen);
        return unit_run("changes", tests);
}
