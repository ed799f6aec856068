/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What every unit test's main() has in common: one suite with one case, each
 * test and each row of a table in a process of its own (CK_FORK=no: in this one).
 */

#include <check.h>
#include <stdlib.h>

/* Seconds a test may take, valgrind and sanitizers included. */
#define UNIT_TIMEOUT 300

static inline TCase *unit_case(const char *name) {
        TCase *tcase = tcase_create(name);

        tcase_set_timeout(tcase, UNIT_TIMEOUT);
        return tcase;
}

static inline int unit_run(const char *name, TCase *tcase) {
        Suite *suite = suite_create(name);
        SRunner *runner;
        int n_failed;

        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        n_failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
