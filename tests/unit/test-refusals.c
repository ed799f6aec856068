/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Refused hostnames in the log: each once, and no more than may be.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "service/refusals.h"
#include "unit.h"
#include "util/limits.h"
#include "worlds.h"

static Refusals refusals;

/* Standard error goes into a file, which counts lines. */
static void setup(void) {
        int fd = memfd_create("log", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(unsetenv("JOURNAL_STREAM"), 0);
        ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
        close(fd);
}

/* The log's lines since the last call, and the last of them. */
static size_t said(char ret_last[static 256]) {
        char log[16384], *end = log, *next;
        ssize_t size = pread(STDERR_FILENO, log, sizeof(log) - 1, 0);
        size_t n = 0;

        ck_assert_int_ge(size, 0);
        log[size] = '\0';
        ck_assert_int_eq(ftruncate(STDERR_FILENO, 0), 0);
        ck_assert_int_eq(lseek(STDERR_FILENO, 0, SEEK_SET), 0);
        for (; (next = strchr(end, '\n')); end = next + 1, n++) {
                *next = '\0';
                (void) snprintf(ret_last, 256, "%.255s", end);
        }
        return n;
}

static void say(const char *before, const char *after) {
        _cleanup_(world_freep) World *b = world_read(before), *a = world_read(after);
        _cleanup_(catalog_freep) Catalog *x = world_catalog(b), *y = world_catalog(a);

        (void) refusals_log(&refusals, x, 1000, y, 1001);
}

START_TEST(test_once) {
        static const char none[] = "network,virbr0\n", other[] = "network,virbr0\nlease,web,10.0.0.1,1,0\n",
                          refused[] = "network,virbr0\nlease,wpad,10.0.0.1,1,5000\n",
                          renewed[] = "network,virbr0\nlease,wpad,10.0.0.1,1,6000\n",
                          another[] = "network,virbr0\nlease,isatap,10.0.0.1,1,6000\n",
                          taken[] = "network,virbr0\nlease,web,10.0.0.1,1,0\ndomain,web,2\n";
        char last[256];

        say(none, other);
        ck_assert_uint_eq(said(last), 0);
        say(other, refused);
        ck_assert_uint_eq(said(last), 1);
        ck_assert_str_eq(last, "The hostname of the lease of 10.0.0.1 on virbr0 is refused: the name has a "
                        "meaning of its "
                               "own and is never a guest's.");
        say(refused, refused);
        say(refused, renewed);
        ck_assert_uint_eq(said(last), 0);
        say(renewed, another);
        ck_assert_uint_eq(said(last), 1);
        say(another, other);
        ck_assert_uint_eq(said(last), 0);
        say(other, taken); /* the lease is as it was, but refused now */
        ck_assert_uint_eq(said(last), 1);
        say(none, refused);
        ck_assert_uint_eq(said(last), 1);
        say(refused, none);
        ck_assert_uint_eq(said(last), 0);
        refusals_end(&refusals);
        ck_assert_uint_eq(said(last), 0);
}
END_TEST

/* A guest that changes its name to and fro. */
START_TEST(test_period) {
        static const char good[] = "network,virbr0\nlease,web,10.0.0.1,1,5000\n",
                          refused[] = "network,virbr0\nlease,localhost,10.0.0.1,1,5000\n";
        char last[256];

        for (unsigned period = 0; period < 2; period++) {
                ck_assert_uint_eq(refusals.n, 0);
                for (unsigned i = 0; i < REFUSALS_LOGGED_MAX + 7; i++) {
                        say(good, refused);
                        say(refused, good);
                }
                ck_assert_uint_eq(said(last), REFUSALS_LOGGED_MAX);
                refusals_end(&refusals);
                ck_assert_uint_eq(said(last), 1);
                ck_assert_str_eq(last, "7 more hostnames were refused in the last 10 minutes.");
        }
        refusals_end(&refusals);
        ck_assert_uint_eq(said(last), 0);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("refusals");

        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, test_once);
        tcase_add_test(tests, test_period);
        return unit_run("refusals", tests);
}
