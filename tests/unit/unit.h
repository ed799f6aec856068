/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What every unit test's main() has in common: one suite with one case, each
 * test and each row of a table in a process of its own (CK_FORK=no: in this one).
 */

#include <check.h>
#include <stdio.h>
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

/* Puts a file in place as libvirt does: written beside, and renamed. */
static inline void unit_put(const char *path, const char *text) {
        char beside[512];
        FILE *f;

        (void) snprintf(beside, sizeof(beside), "%s.new", path);
        f = fopen(beside, "we");
        ck_assert_msg(f, "%s: %m", beside);
        ck_assert_int_ge(fputs(text, f), 0);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_int_eq(rename(beside, path), 0);
}
