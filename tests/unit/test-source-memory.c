/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers without memory.  In turn each allocation fails, once alone and once with all later ones.
 * Nothing may crash or leak (blocks are counted), and a document is parsed completely or not at all: an
 * answer made from half a string would be another guest's address.
 *
 * Linked with --wrap, so that all allocations come here; jansson's, too, which are made in an arena.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "documents.h"
#include "source/domains-file.h"
#include "source/file-contents.h"
#include "source/seen-file.h"
#include "source/status-file.h"
#include "source/macs-file.h"
#include "unit.h"
#include "util/arena.h"
#include "util/util.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void __wrap_free(void *p);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void *__real_arena_allocate(Arena *arena, size_t size);
void *__wrap_arena_allocate(Arena *arena, size_t size);

static unsigned long until_failure = ULONG_MAX;
static bool fails_once, failed;
static long n_blocks;

static bool fails(void) {
        if (until_failure > 0) {
                until_failure--;
                return false;
        }
        if (fails_once)
                until_failure = ULONG_MAX;
        failed = true;
        errno = ENOMEM;
        return true;
}

void *__wrap_malloc(size_t size) {
        if (fails())
                return NULL;
        n_blocks++;
        return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        if (fails())
                return NULL;
        n_blocks++;
        return __real_calloc(n, size);
}

void __wrap_free(void *p) {
        if (p)
                n_blocks--;
        __real_free(p);
}

void *__wrap_arena_allocate(Arena *arena, size_t size) {
        return fails() ? NULL : __real_arena_allocate(arena, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        if (fails())
                return NULL;
        n_blocks += !p;
        return __real_reallocarray(p, n, size);
}

/* What the last successful parse gave, as text. */
static char result[65536];

static void result_add(const char *format, ...) __attribute__((__format__(printf, 1, 2)));

static void result_add(const char *format, ...) {
        size_t n = strlen(result);
        va_list args;

        va_start(args, format);
        (void) vsnprintf(result + n, sizeof(result) - n, format, args);
        va_end(args);
}

static int parse_leases(const char *data, size_t size, DocumentError *error) {
        _cleanup_(binding_list_freep) BindingList *list = NULL;
        char address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
        int r;

        r = status_file_parse(data, size, &list, error);
        result[0] = '\0';
        for (size_t i = 0; r == 0 && i < list->n_bindings; i++) {
                const Binding *b = list->bindings + i;

                result_add("%s %s %s %s %lld\n", address_format(&b->address, address),
                                b->has_mac ? mac_format(&b->mac, mac) : "-", b->hostname ?: "-",
                                b->client_id ?: "-", (long long) b->expiry);
        }
        return r;
}

static int parse_macs(const char *data, size_t size, DocumentError *error) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;
        char mac[MAC_TEXT_MAX];
        int r;

        r = macs_file_parse(data, size, &map, error);
        result[0] = '\0';
        for (size_t i = 0; r == 0 && i < map->n_domains; i++) {
                result_add("%s", map->domains[i].domain);
                for (size_t k = 0; k < map->domains[i].n_macs; k++)
                        result_add(" %s", mac_format(map->domains[i].macs + k, mac));
                result_add("\n");
        }
        return r;
}

static int parse_nics(const char *data, size_t size, DocumentError *error) {
        _cleanup_(nic_list_freep) NicList *list = NULL;
        int r;

        r = domains_file_parse(data, size, &list, error);
        result[0] = '\0';
        for (size_t i = 0; r == 0 && i < list->n_nics; i++) {
                result_add("%s %s %s %s", list->nics[i].domain, list->nics[i].tap ?: "-",
                                list->nics[i].bridge ?: "-",
                                list->nics[i].reason ?: "-");
                for (size_t k = 0; k < list->nics[i].n_ports; k++)
                        result_add(" %u %s", list->nics[i].ports[k].host,
                                        list->nics[i].ports[k].address ?: "-");
                result_add("\n");
        }
        return r;
}

static int parse_seen(const char *data, size_t size, DocumentError *error) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        char address[ADDRESS_TEXT_MAX];
        int r;

        r = seen_file_parse(data, size, &list, error);
        result[0] = '\0';
        for (size_t i = 0; r == 0 && i < list->n_addresses; i++)
                result_add("%s %s %s %s\n", address_format(&list->addresses[i].address, address),
                                list->addresses[i].tap, list->addresses[i].by ?: "-",
                                list->addresses[i].refused ?: "-");
        return r;
}

static int read_document(const char *data, size_t size, DocumentError *error) {
        _cleanup_(freep) char *copy = NULL;

        result[0] = '\0';
        return file_contents_read(AT_FDCWD, data, &copy, &size, error);
}

/* Lets each allocation fail in turn until none is left to fail.  Returns their number. */
static unsigned long exhaust(ParseFunc func, bool once, const char *data, size_t size) {
        _cleanup_(freep) char *expected = NULL;
        DocumentError error;

        fails_once = once;
        ck_assert_int_eq(func(data, size, &error), 0);
        expected = strdup(result);
        ck_assert_ptr_nonnull(expected);

        for (unsigned long n = 0;; n++) {
                long before = n_blocks;
                int r;

                memset(&error, 0xff, sizeof(error));
                failed = false;
                until_failure = n;
                r = func(data, size, &error);
                until_failure = ULONG_MAX;

                ck_assert_int_eq(n_blocks, before);
                if (r == 0)
                        ck_assert_str_eq(result, expected); /* what failed can be done without */
                else {
                        ck_assert_int_eq(r, -ENOMEM);
                        ck_assert_str_eq(error.text, "not enough memory");
                }
                if (!failed)
                        return n;
        }
}

START_TEST(test_leases) {
        size_t size;
        _cleanup_(freep) char *data = sample_read("02-infinite-and-odd/virbr4.status", &size);

        ck_assert_uint_gt(exhaust(parse_leases, _i, data, size), 100);
}
END_TEST

START_TEST(test_macs) {
        size_t size;
        _cleanup_(freep) char *data = sample_read("03-odd-domain/virbr0.macs", &size);

        ck_assert_uint_gt(exhaust(parse_macs, _i, data, size), 10);
}
END_TEST

START_TEST(test_stated) {
        static const char nics[] =
                        "[{\"domain\":\"a\",\"tap\":\"vnet1\",\"bridge\":\"br0\",\"reason\":\"x\",\"ports\":"
                                   "[{\"protocol\":\"tcp\",\"host\":1,\"guest\":2,\"address\":\"::1\"}]},"
                                   "{\"domain\":\"b\"}]";
        static const char seen[] =
                        "[{\"ip-address\":\"10.9.0.7\",\"mac-address\":\"52:54:00:00:00:01\",\"by\":\"arp\","
                                   "\"tap\":\"vnet1\",\"refused\":\"no\"}]";

        ck_assert_uint_gt(exhaust(parse_nics, _i, nics, strlen(nics)), 10);
        ck_assert_uint_gt(exhaust(parse_seen, _i, seen, strlen(seen)), 10);
}
END_TEST

/* Strings of all lengths: jansson's buffer grows at any character of an address, and at its closing quote. */
START_TEST(test_lengths) {
        for (int n = 1; n < 40; n++) {
                char data[256];

                (void) snprintf(data, sizeof(data),
                                "[{\"%0*d\": \"%0*d\", \"ip-address\": \"192.168.122.104\"}]", n, 0, n, 0);
                ck_assert_uint_gt(exhaust(parse_leases, _i, data, strlen(data)), 10);
        }
}
END_TEST

START_TEST(test_empty) {
        ck_assert_uint_eq(exhaust(parse_leases, _i, "", 0), 1);
        ck_assert_uint_eq(exhaust(parse_macs, _i, "", 0), 1);
}
END_TEST

START_TEST(test_read) {
        static const char name[] = TEST_SAMPLES "/01-full/virbr0.status";

        ck_assert_uint_eq(exhaust(read_document, _i, name, strlen(name)), 1);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("source-memory");

        tcase_add_loop_test(tcase, test_leases, 0, 2);
        tcase_add_loop_test(tcase, test_macs, 0, 2);
        tcase_add_loop_test(tcase, test_stated, 0, 2);
        tcase_add_loop_test(tcase, test_lengths, 0, 2);
        tcase_add_loop_test(tcase, test_empty, 0, 2);
        tcase_add_loop_test(tcase, test_read, 0, 2);
        return unit_run("source-memory", tcase);
}
