/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The lease directory where a file can't be read for a while, without any event that says so: each openat(2)
 * of it is made to fail.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "service/directory.h"
#include "unit.h"

static int open_error; /* of each file in the directory; 0: none */

int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, ...);
int __wrap_openat64(int fd, const char *path, int flags, ...);

int __wrap_openat(int fd, const char *path, int flags, ...) {
        if (open_error != 0) {
                errno = open_error;
                return -1;
        }
        return __real_openat(fd, path, flags);
}

int __wrap_openat64(int fd, const char *path, int flags, ...) {
        return __wrap_openat(fd, path, flags);
}

static char path[] = "/tmp/test-directory.XXXXXX";
static LeaseDirectory *directory;

static void put(const char *address) {
        char name[64], text[80];

        (void) snprintf(name, sizeof(name), "%s/virbr0.status", path);
        (void) snprintf(text, sizeof(text), "[{\"ip-address\":\"%s\",\"hostname\":\"web1\"}]", address);
        unit_put(name, text);
}

static void set_up(void) {
        open_error = 0;
        ck_assert_ptr_nonnull(mkdtemp(path));
        ck_assert_int_eq(lease_directory_new(path, &directory), 0);
        put("10.0.0.1");
        ck_assert_int_eq(lease_directory_read(directory), 1);
}

static void tear_down(void) {
        char name[64];

        directory = lease_directory_free(directory);
        (void) snprintf(name, sizeof(name), "%s/virbr0.status", path);
        (void) unlink(name);
        (void) rmdir(path);
}

static uint8_t last_byte(void) {
        const LeaseFile *f = file_set_find(&directory->files, "virbr0", FILE_STATUS);

        ck_assert_ptr_nonnull(f);
        ck_assert_ptr_nonnull(f->document);
        return f->document->bindings->bindings[0].address.bytes[3];
}

static void wait_until_quiet(void) {
        uint64_t usec;

        while (!lease_directory_is_settled(directory, &usec) && usec > 0)
                (void) usleep((useconds_t) usec);
}

static const int passing[] = { EACCES, EIO, EINTR, ESTALE, EPERM };

START_TEST(an_error_that_passes) {
        uint64_t usec, before = 0;

        put("10.0.0.2");
        open_error = passing[_i];
        for (int i = 0; i < 12; i++) {
                ck_assert_int_eq(lease_directory_read(directory), 0);
                ck_assert_uint_eq(last_byte(), 1); /* the last good reading stays in force ... */
                ck_assert(lease_directory_is_stale(directory));
                ck_assert(!lease_directory_is_settled(directory, &usec)); /* ... but isn't published */
                usec = lease_directory_retry_usec(directory);
                ck_assert_uint_ge(usec, MAX2(before, UINT64_C(1)));
                ck_assert_uint_le(usec, UINT64_C(60000000));
                before = usec;
        }

        open_error = 0;
        ck_assert_int_eq(lease_directory_read(directory), 1);
        ck_assert_uint_eq(last_byte(), 2);
        ck_assert_uint_eq(lease_directory_retry_usec(directory), 0);
        ck_assert(!lease_directory_is_stale(directory));
        wait_until_quiet();
        ck_assert(lease_directory_is_settled(directory, &usec));
}
END_TEST

/* Only a change of the directory mends these. */
static const int lasting[] = { ELOOP };

START_TEST(an_error_that_lasts) {
        put("10.0.0.2");
        open_error = lasting[_i];
        ck_assert_int_eq(lease_directory_read(directory), 0);
        ck_assert_uint_eq(lease_directory_retry_usec(directory), 0);
        ck_assert(!lease_directory_is_stale(directory));
}
END_TEST

int main(void) {
        TCase *tests = unit_case("reading");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_loop_test(tests, an_error_that_passes, 0, ELEMENTS(passing));
        tcase_add_loop_test(tests, an_error_that_lasts, 0, ELEMENTS(lasting));
        return unit_run("directory", tests);
}
