/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * with-service CMD [ARG...]: runs a command while the real service is on a private bus
 * (DBUS_SYSTEM_BUS_ADDRESS) with an empty lease directory ($LEASES).  Returns its status.
 */

#include <check.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

static char **command;

START_TEST(run) {
        Fixture f;
        int status;
        pid_t pid;

        fixture_setup(&f);
        fixture_start(&f, NULL);
        ck_assert_int_eq(setenv("LEASES", f.leases, 1), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) execvp(command[0], command);
                _exit(127);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        fixture_teardown(&f);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned) status);
}
END_TEST

int main(int argc, char **argv) {
        Suite *suite = suite_create("with-service");
        TCase *tests = tcase_create("command");
        SRunner *runner;
        int n_failed;

        if (argc < 2)
                return 2;
        command = argv + 1;
        tcase_set_timeout(tests, 0);
        tcase_add_test(tests, run);
        suite_add_tcase(suite, tests);
        runner = srunner_create(suite);
        srunner_set_fork_status(runner, CK_NOFORK);
        srunner_run_all(runner, CK_MINIMAL);
        n_failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return n_failed > 0;
}
