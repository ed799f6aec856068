/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A helper's file that can't be read for a while: it is tried again, although nothing tells of a change.
 * Each openat(2) is made to fail.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "service/facts.h"
#include "unit.h"

static int open_error; /* 0: none */

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

static char directory[] = "/tmp/test-facts.XXXXXX";
static sd_event *event;
static Facts *facts;

static void on_changed(void *userdata) {
}

static void put(const char *name, const char *text) {
        char path[64];

        (void) snprintf(path, sizeof(path), "%s/%s", directory, name);
        unit_put(path, text);
}

static void setup(void) {
        ck_assert_ptr_nonnull(mkdtemp(directory));
        ck_assert_int_ge(sd_event_new(&event), 0);
        ck_assert_int_eq(facts_new(event, directory, directory, on_changed, NULL, &facts), 0);
        put("domains.json", "[{\"domain\":\"web1\",\"mac-address\":\"52:54:00:00:00:01\"}]");
        put("br0.json", "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\","
                        "\"tap\":\"vnet0\",\"by\":\"arp\",\"first-seen\":1,\"confirmed\":1}]");
}

static void teardown(void) {
        static const char *const names[] = { "domains.json", "br0.json" };
        char path[64];

        facts_free(facts);
        sd_event_unref(event);
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
                (void) unlink(path);
        }
        (void) rmdir(directory);
}

static void assert_read(void) {
        const SeenBridge *bridges;
        size_t n;

        ck_assert_int_eq(facts_refresh(facts), FACTS_GUESTS);
        ck_assert_ptr_nonnull(facts_nics(facts));
        bridges = facts_bridges(facts, &n);
        ck_assert_uint_ge(n, 1);
        ck_assert_str_eq(bridges[0].interface, "br0");
        ck_assert_uint_eq(bridges[0].list->n_addresses, 1);
        ck_assert_int_eq(facts_refresh(facts), 0);
}

static const int passing[] = { EACCES, EIO, EINTR, ESTALE };

START_TEST(an_error_that_passes) {
        open_error = passing[_i];
        for (int i = 0; i < 3; i++)
                ck_assert_int_eq(facts_refresh(facts), 0);
        open_error = 0;
        assert_read();
}
END_TEST

START_TEST(a_shortage) {
        open_error = EMFILE;
        ck_assert_int_eq(facts_refresh(facts), -EMFILE);
        open_error = 0;
        assert_read();
}
END_TEST

int main(void) {
        TCase *tests = unit_case("facts");

        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_loop_test(tests, an_error_that_passes, 0, ELEMENTS(passing));
        tcase_add_test(tests, a_shortage);
        return unit_run("facts", tests);
}
