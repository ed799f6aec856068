/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The private bus and the service's process: see the header.
 */

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "fixture.h"
#include "unit.h"
#include "util/util.h"

#define OPTIONS_MAX 32

static void child_begin(pid_t parent) {
        sigset_t none;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
}

static void bus_start(Fixture *f) {
        char address[sizeof(f->address) + 16], ready;
        pid_t parent = getpid();
        int fds[2];

        snprintf(f->address, sizeof(f->address), "unix:path=%s/bus", f->directory);
        snprintf(address, sizeof(address), "--address=%s", f->address);
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        f->bus = fork();
        ck_assert_int_ge(f->bus, 0);
        if (f->bus == 0) {
                child_begin(parent);
                dup2(fds[1], STDOUT_FILENO);
                execlp("dbus-daemon", "dbus-daemon", "--nofork", "--print-address=1", address,
                                "--config-file=" BUS_CONFIGURATION, (char *) NULL);
                _exit(127);
        }
        close(fds[1]);
        ck_assert_msg(read(fds[0], &ready, 1) == 1, "dbus-daemon doesn't start");
        close(fds[0]);
        ck_assert_int_eq(setenv("DBUS_SYSTEM_BUS_ADDRESS", f->address, true), 0);
}

static void notify_listen(Fixture *f) {
        union {
                struct sockaddr sa;
                struct sockaddr_un un;
        } address = { .un.sun_family = AF_UNIX };

        f->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ck_assert_int_ge(f->notify_fd, 0);
        strcpy(address.un.sun_path, f->notify);
        ck_assert_int_eq(bind(f->notify_fd, &address.sa, sizeof(address.un)), 0);
}

/* A test that fails doesn't come back, so a process of its own, outside the group that Check
 * kills, removes the directory once the other end of its input has gone. */
static void remover_start(Fixture *f) {
        int fds[2];

        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        f->remover = fork();
        ck_assert_int_ge(f->remover, 0);
        if (f->remover == 0) {
                setsid();
                dup2(fds[0], STDIN_FILENO);
                execlp("sh", "sh", "-c", "read -r line; rm -rf \"$1\"", "sh", f->directory, (char *) NULL);
                _exit(127);
        }
        close(fds[0]);
        f->alive_fd = fds[1];
}

void fixture_setup(Fixture *f) {
        *f = (Fixture) { .directory = "/tmp/libvirt-resolve.XXXXXX", .notify_fd = -1, .alive_fd = -1 };

        ck_assert_msg(mkdtemp(f->directory), "%s: %m", f->directory);
        remover_start(f);
        snprintf(f->leases, sizeof(f->leases), "%s/leases", f->directory);
        snprintf(f->runtime, sizeof(f->runtime), "%s/run", f->directory);
        snprintf(f->notify, sizeof(f->notify), "%s/notify", f->directory);
        ck_assert_int_eq(mkdir(f->leases, 0755), 0);
        ck_assert_int_eq(mkdir(f->runtime, 0755), 0);
        notify_listen(f);
        bus_start(f);
}

static void end_process(pid_t *pid) {
        if (*pid <= 0)
                return;
        kill(*pid, SIGCONT);
        kill(*pid, SIGKILL);
        waitpid(*pid, NULL, 0);
        *pid = 0;
}

void fixture_teardown(Fixture *f) {
        end_process(&f->service);
        end_process(&f->bus);
        f->notify_fd = close_safe(f->notify_fd);
        f->alive_fd = close_safe(f->alive_fd);
        waitpid(f->remover, NULL, 0);
}

void fixture_spawn(Fixture *f, const char *const *options) {
        char leases[80], runtime[80];
        const char *program = getenv("LIBVIRT_RESOLVED"), *argv[OPTIONS_MAX] = { program, leases, runtime };
        pid_t parent = getpid();

        ck_assert_msg(program, "LIBVIRT_RESOLVED doesn't say where the service is");
        ck_assert_int_eq(f->service, 0);
        snprintf(leases, sizeof(leases), "--lease-directory=%s", f->leases);
        snprintf(runtime, sizeof(runtime), "--runtime-directory=%s", f->runtime);
        for (size_t i = 0; options && options[i]; i++) {
                ck_assert_uint_lt(i + 3, OPTIONS_MAX - 1);
                argv[i + 3] = options[i];
        }

        f->service = fork();
        ck_assert_int_ge(f->service, 0);
        if (f->service == 0) {
                child_begin(parent);
                setenv("NOTIFY_SOCKET", f->notify, true);
                execv(program, (char **) argv);
                _exit(127);
        }
}

void fixture_start(Fixture *f, const char *const *options) {
        fixture_spawn(f, options);
        free(fixture_notification(f, "READY=1"));
}

static bool has_line(const char *text, const char *line) {
        size_t length = strlen(line);

        for (const char *at = text; at; at = strchr(at, '\n')) {
                at += *at == '\n';
                if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0'))
                        return true;
        }
        return false;
}

static int64_t now_msec(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

char *fixture_notification(Fixture *f, const char *line) {
        int64_t end = now_msec() + FIXTURE_PATIENCE_MSEC;
        char buffer[4096];

        while (now_msec() < end) {
                struct pollfd poll_fd = { .fd = f->notify_fd, .events = POLLIN };
                ssize_t n;

                n = recv(f->notify_fd, buffer, sizeof(buffer) - 1, 0);
                if (n >= 0) {
                        buffer[n] = '\0';
                        if (has_line(buffer, line))
                                return strdup(buffer);
                        continue;
                }
                if (f->service == 0 || waitpid(f->service, NULL, WNOHANG) != 0) {
                        f->service = 0;
                        ck_abort_msg("the service ended before it said %s", line);
                }
                poll(&poll_fd, 1, 50);
        }
        ck_abort_msg("the service doesn't say %s", line);
}

int fixture_end(Fixture *f, int signal) {
        int64_t end = now_msec() + FIXTURE_PATIENCE_MSEC;
        int status;
        pid_t r;

        ck_assert_int_gt(f->service, 0);
        if (signal > 0)
                kill(f->service, signal);
        while ((r = waitpid(f->service, &status, WNOHANG)) == 0 && now_msec() < end)
                poll(NULL, 0, 2);
        ck_assert_msg(r == f->service, "the service doesn't end");
        f->service = 0;
        return status;
}

sd_bus *fixture_connect(Fixture *f) {
        sd_bus *bus;

        ck_assert_int_ge(sd_bus_open_system(&bus), 0);
        return bus;
}

void fixture_write(Fixture *f, const char *name, const char *text) {
        char path[320];

        snprintf(path, sizeof(path), "%s/%s", f->leases, name);
        unit_put(path, text);
}

void fixture_remove(Fixture *f, const char *name) {
        char path[320];

        snprintf(path, sizeof(path), "%s/%s", f->leases, name);
        ck_assert_int_eq(unlink(path), 0);
}

void fixture_wait_published(Fixture *f) {
        int64_t end = now_msec() + FIXTURE_PATIENCE_MSEC;
        struct stat index, leases;
        char path[320];

        snprintf(path, sizeof(path), "%s/names.cdb", f->runtime);
        while (stat(path, &index) < 0 || stat(f->leases, &leases) < 0 ||
               index.st_mtim.tv_sec != leases.st_mtim.tv_sec ||
               index.st_mtim.tv_nsec != leases.st_mtim.tv_nsec) {
                ck_assert_msg(now_msec() < end, "%s isn't published", path);
                poll(NULL, 0, 2);
        }
}

TCase *fixture_case(const char *name, void (*setup)(void), void (*teardown)(void)) {
        TCase *tests = tcase_create(name);

        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_set_timeout(tests, 2 * FIXTURE_PATIENCE_MSEC / 1000);
        return tests;
}

int fixture_run(TCase *tests) {
        Suite *suite = suite_create("bus");
        SRunner *runner;
        int n_failed;

        suite_add_tcase(suite, tests);
        runner = srunner_create(suite);
        srunner_set_tap(runner, "-");
        srunner_run_all(runner, CK_SILENT);
        n_failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return n_failed > 0;
}
