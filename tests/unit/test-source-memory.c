/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The lease parser library out of memory: the first allocation fails, then the
 * second, then the third, and so on to the last.  Nothing may crash or leak (a
 * sanitizer or valgrind sees that; blocks are counted here as well).
 *
 * Linked with --wrap, so that the library's own allocations come here; jansson's
 * come by its hooks.
 */

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "documents.h"
#include "source/file-contents.h"
#include "source/status-file.h"
#include "source/macs-file.h"
#include "unit.h"
#include "util/util.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void __wrap_free(void *p);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static unsigned long until_failure = ULONG_MAX;
static long n_blocks;

static bool fails(void) {
        if (until_failure > 0) {
                until_failure--;
                return false;
        }
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

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        if (fails())
                return NULL;
        n_blocks += !p;
        return __real_reallocarray(p, n, size);
}

static int parse_leases(const char *data, size_t size, DocumentError *error) {
        _cleanup_(binding_list_freep) BindingList *list = NULL;

        return status_file_parse(data, size, &list, error);
}

static int parse_macs(const char *data, size_t size, DocumentError *error) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;

        return macs_file_parse(data, size, &map, error);
}

static int read_document(const char *data, size_t size, DocumentError *error) {
        _cleanup_(freep) char *copy = NULL;

        return file_contents_read(AT_FDCWD, data, &copy, &size, error);
}

/* Lets every allocation fail in turn until none is left to fail; returns their number. */
static unsigned long exhaust(ParseFunc func, const char *data, size_t size) {
        for (unsigned long n = 0;; n++) {
                long before = n_blocks;
                DocumentError error;
                int r;

                memset(&error, 0xff, sizeof(error));
                until_failure = n;
                r = func(data, size, &error);
                until_failure = ULONG_MAX;

                ck_assert_int_eq(n_blocks, before);
                if (r == 0)
                        return n;
                ck_assert_int_eq(r, -ENOMEM);
                ck_assert_str_eq(error.text, "not enough memory");
        }
}

START_TEST(test_leases) {
        size_t size;
        _cleanup_(freep) char *data = sample_read("02-infinite-and-odd/virbr4.status", &size);

        ck_assert_uint_gt(exhaust(parse_leases, data, size), 100);
}
END_TEST

START_TEST(test_macs) {
        size_t size;
        _cleanup_(freep) char *data = sample_read("03-odd-domain/virbr0.macs", &size);

        ck_assert_uint_gt(exhaust(parse_macs, data, size), 10);
}
END_TEST

START_TEST(test_empty) {
        ck_assert_uint_eq(exhaust(parse_leases, "", 0), 1);
        ck_assert_uint_eq(exhaust(parse_macs, "", 0), 1);
}
END_TEST

START_TEST(test_read) {
        static const char name[] = TEST_SAMPLES "/01-full/virbr0.status";

        ck_assert_uint_eq(exhaust(read_document, name, strlen(name)), 1);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("source-memory");

        json_set_alloc_funcs(__wrap_malloc, __wrap_free);
        tcase_add_test(tcase, test_leases);
        tcase_add_test(tcase, test_macs);
        tcase_add_test(tcase, test_empty);
        tcase_add_test(tcase, test_read);
        return unit_run("source-memory", tcase);
}
