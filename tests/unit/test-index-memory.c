/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Catalog and index out of memory: the first allocation fails, then the second,
 * and so on to the last.  Nothing may crash or leak, and what isn't made is
 * -ENOMEM, whoever ran out of memory.
 *
 * Linked with --wrap, and with libcdb's archive where there is one, so that its
 * allocations come here, too.
 */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "index/writer.h"
#include "unit.h"
#include "worlds.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *p);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static unsigned long until_failure = ULONG_MAX;
static long n_blocks;

static bool fails(void) {
        if (until_failure > 0) {
                until_failure--;
                n_blocks++;
                return false;
        }
        errno = ENOMEM;
        return true;
}

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : __real_calloc(n, size);
}

char *__wrap_strdup(const char *text) {
        return fails() ? NULL : __real_strdup(text);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        if (fails())
                return NULL;
        n_blocks -= p != NULL;
        return __real_reallocarray(p, n, size);
}

void __wrap_free(void *p) {
        if (p)
                n_blocks--;
        __real_free(p);
}

#define WORLD \
        "suffix,lab.example\nnetwork,virbr0\nlease,Web1,10.0.0.1,1,200\nlease,web1,fd00::1,1,0\n" \
        "lease,db,10.0.0.2,2,5\n" \
        "domain,VM-app,1\ndomain,fresh,9\nnetwork,virbr1\nlease,web1.,10.0.1.1,1,200\n" \
        "on-link,br0,10.9.0.1,24\nlink,vnet7,7\nnic,bridged,7,br0,vnet7\nnic,apart,0,-,-\n" \
        "hosts,52:54:00:00:00:01;10.9.0.5;x\nseen,br0,10.9.0.7,7,vnet7,500,600\n" \
        "seen,br0,10.9.0.5,7,vnet7,500,600\n"

/* Whether what the last one returned fits what it gave out.  They assert nothing, for Check itself
 * allocates. */
static bool consistent;

typedef int (*MakeFunc)(const World *w, const Catalog *catalog);

static int make_catalog(const World *w, const Catalog *catalog) {
        const CatalogSources sources = world_sources(w);
        _cleanup_(catalog_freep) Catalog *c = NULL;
        int r;

        r = catalog_new(&sources, &w->policy, CATALOG_LEASES_MAX, &c);
        consistent = (r == 0) == (c != NULL);
        return r;
}

static int make_index(const World *w, const Catalog *catalog) {
        _cleanup_(closep) int fd = memfd_create("names", MFD_CLOEXEC);
        size_t dropped = 77;
        int r;

        r = index_write(fd, &world_meta, catalog, &dropped);
        consistent = dropped == (r == 0 ? 0 : 77);
        return r;
}

static int make_tombstone(const World *w, const Catalog *catalog) {
        return make_index(w, NULL);
}

static int make_policy(const World *w, const Catalog *catalog) {
        NamePolicy policy = { 0 };
        int r;

        r = policy_add_suffix(&policy, "lab.example");
        if (r == 0)
                r = policy_add_denied(&policy, "puppet");
        consistent = policy.n_suffixes + policy.n_denied <= 2 && (r == 0) == (policy.n_denied == 1);
        policy_clear(&policy);
        return r;
}

static const struct {
        MakeFunc func;
        unsigned long n_least; /* allocations */
} makes[] = {
        { make_catalog, 20 },
        { make_index, 2 },
        { make_tombstone, 1 },
        { make_policy, 2 },
};

START_TEST(test_exhausted) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        unsigned long n = 0;
        int r;

        do {
                long before = n_blocks;

                until_failure = n++;
                r = makes[_i].func(w, c);
                until_failure = ULONG_MAX;
                ck_assert_int_eq(n_blocks, before);
                ck_assert(consistent);
                ck_assert_msg(r == 0 || r == -ENOMEM, "allocation %lu: %s", n - 1, strerror(-r));
        } while (r < 0);
        ck_assert_uint_gt(n, makes[_i].n_least);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("index-memory");

        tcase_add_loop_test(tcase, test_exhausted, 0, ELEMENTS(makes));
        return unit_run("index-memory", tcase);
}
