/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A burst of changes, by a clock of the test's own: it ends when it is quiet, and is read meanwhile, more
 * often if somebody waits.
 */

#include "service/burst.h"
#include "unit.h"

START_TEST(test_quiet) {
        Burst b = { .started_usec = 1000 };

        ck_assert_int_eq(burst_step(&b, false, true, 2000), BURST_OVER);
        ck_assert_uint_eq(b.started_usec, 0);
        ck_assert_int_eq(burst_step(&b, false, true, 3000), BURST_OVER);
}
END_TEST

/* Events that a lookup has not waited for, with no burst under way. */
START_TEST(test_start) {
        Burst b = { 0 };

        ck_assert_int_eq(burst_step(&b, true, false, 2000), BURST_GOES_ON);
        ck_assert_uint_eq(b.started_usec, 2000);
}
END_TEST

/* How often a burst of a second, with an event every ms, is read. */
static unsigned readings(bool awaited) {
        Burst b = { .started_usec = 1 };
        unsigned n = 0;

        for (uint64_t now = 1; now <= 1000001; now += 1000)
                n += burst_step(&b, true, awaited, now) == BURST_READ;
        return n;
}

START_TEST(test_long) {
        ck_assert_uint_eq(readings(false), 2);
        ck_assert_uint_eq(readings(true), 10);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("burst");

        tcase_add_test(tests, test_quiet);
        tcase_add_test(tests, test_start);
        tcase_add_test(tests, test_long);
        return unit_run("burst", tests);
}
