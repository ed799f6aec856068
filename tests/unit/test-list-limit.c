/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may list: after listings that took long.
 */

#include "service/list-limit.h"

#include <time.h>

#include "unit.h"
#include "util/clock.h"
#include "util/limits.h"

static Manager manager;

static void setup(void) {
        manager = (Manager) { 0 };
        ck_assert_int_eq(list_limit_new(&manager.list_limit), 0);
}

static void teardown(void) {
        free(manager.list_limit);
}

/* A listing that began so long ago. */
static void charge(const char *sender, uint64_t usec, size_t n) {
        list_limit_charge(&manager, sender, clock_usec(CLOCK_MONOTONIC) - usec, n);
}

static bool may_list(const char *sender) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = list_limit_check(&manager, sender, &error);

        ck_assert_int_eq(r < 0, sd_bus_error_has_name(&error, SD_BUS_ERROR_LIMITS_EXCEEDED));
        return r >= 0;
}

START_TEST(test_nothing_was_listed) {
        ck_assert(may_list(":1.1"));
}
END_TEST

/* Each listing costs its caller more than others. */
START_TEST(test_long_lists) {
        charge(":1.1", 40000, 100000);
        ck_assert(!may_list(":1.1"));
        ck_assert(may_list(":1.2"));
        charge(":1.2", 200000, 100000);
        ck_assert(!may_list(":1.2"));
        ck_assert(!may_list(":1.3"));
}
END_TEST

/* On a busy machine the service may stand still in the midst of a short one. */
START_TEST(test_short_list_that_took_long) {
        charge(":1.1", 1000000, 10);
        ck_assert(may_list(":1.1"));
        ck_assert(may_list(":1.2"));
}
END_TEST

/* Many short ones cost as much as a long one. */
START_TEST(test_many_short_lists) {
        unsigned n = 0;

        while (may_list(":1.1") && n < 1000) {
                charge(":1.1", LIST_USEC_MAX, 10);
                n++;
        }
        ck_assert_uint_lt(n, 1000);
        ck_assert_uint_gt(n, 5);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("list-limit");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, test_nothing_was_listed);
        tcase_add_test(tcase, test_long_lists);
        tcase_add_test(tcase, test_short_list_that_took_long);
        tcase_add_test(tcase, test_many_short_lists);
        return unit_run("list-limit", tcase);
}
