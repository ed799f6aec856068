/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service as a process: it gets ready, tells what it offers, and ends when told.
 */

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"
#include "index/reader.h"
#include "util/util.h"

static Fixture fixture;

static void setup(void) {
        fixture_setup(&fixture);
}

static void teardown(void) {
        fixture_teardown(&fixture);
}

START_TEST(introspection) {
        static const char *const members[] = {
                "\"ResolveHostname\"", "\"ResolveAddress\"", "\"ListLeases\"", "\"Version\"",
                "\"LeaseDirectory\"", "\"Domains\"",
        };
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *xml;

        fixture_start(&fixture, NULL);
        bus = fixture_connect(&fixture);
        ck_assert_int_ge(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                         "org.freedesktop.DBus.Introspectable", "Introspect", NULL, &reply,
                                         NULL),
                        0);
        ck_assert_int_ge(sd_bus_message_read(reply, "s", &xml), 0);
        for (size_t i = 0; i < ELEMENTS(members); i++)
                ck_assert_msg(strstr(xml, members[i]), "no %s in %s", members[i], xml);
}
END_TEST

START_TEST(lease_directory) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(freep) char *directory = NULL;

        fixture_start(&fixture, NULL);
        bus = fixture_connect(&fixture);
        ck_assert_int_ge(sd_bus_get_property_string(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                                         "LeaseDirectory", NULL, &directory),
                        0);
        ck_assert_str_eq(directory, fixture.leases);
}
END_TEST

START_TEST(end) {
        static const int signals[] = { SIGTERM, SIGINT };
        int status;

        fixture_start(&fixture, NULL);
        fixture_wait_published(&fixture);
        status = fixture_end(&fixture, signals[_i]);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned) status);
        free(fixture_notification(&fixture, "STOPPING=1"));
        fixture_wait_published(&fixture);
}
END_TEST

START_TEST(wrong_option) {
        int status;

        fixture_spawn(&fixture, (const char *const[]) { "--no-such-option", NULL });
        status = fixture_end(&fixture, 0);
        ck_assert(WIFEXITED(status));
        ck_assert_int_ne(WEXITSTATUS(status), 0);
}
END_TEST

/* What systemctl status shows. */
START_TEST(status_line) {
        char line[128];

        ck_assert_int_eq(rmdir(fixture.leases), 0);
        fixture_start(&fixture, NULL);
        (void) snprintf(line, sizeof(line), "STATUS=Waiting for %s, which doesn't exist (yet)",
                        fixture.leases);
        free(fixture_notification(&fixture, line));
        ck_assert_int_eq(mkdir(fixture.leases, 0755), 0);
        (void) snprintf(line, sizeof(line), "STATUS=Watching %s", fixture.leases);
        free(fixture_notification(&fixture, line));
}
END_TEST

/* What systemd does after the end of a service with that exit status. */
static void publish_failure(const char *status) {
        ck_assert_int_eq(setenv("EXIT_CODE", "exited", true), 0);
        ck_assert_int_eq(setenv("EXIT_STATUS", status, true), 0);
        fixture_spawn(&fixture, (const char *const[]) { "--publish-failure", NULL });
        ck_assert_int_eq(fixture_end(&fixture, 0), 0);
}

static IndexState published_state(void) {
        char path[80];
        Index index;
        int fd;

        (void) snprintf(path, sizeof(path), "%s/" INDEX_FILE_NAME, fixture.runtime);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(index_load(fd, &index), 0);
        close(fd);
        return (IndexState) index_meta(&index).state;
}

/* A shortage passes, and leaves the index. */
START_TEST(failure_is_published) {
        fixture_start(&fixture, NULL);
        fixture_wait_published(&fixture);
        ck_assert_int_eq(fixture_end(&fixture, SIGTERM), 0);
        publish_failure("75");
        ck_assert_int_eq(published_state(), INDEX_LIVE);
        publish_failure("1");
        ck_assert_int_eq(published_state(), INDEX_FAILED);
}
END_TEST

/* Whatever keeps the service from running, it says so; and with which status, if that passes. */
START_TEST(failed_start) {
        struct rlimit few, before;
        char path[64], text[512];
        size_t n;
        FILE *log;
        int status;

        (void) snprintf(path, sizeof(path), "%s/log", fixture.directory);
        ck_assert_ptr_nonnull(freopen(path, "w", stderr));
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
        few = (struct rlimit) { .rlim_cur = STDERR_FILENO + 4, .rlim_max = before.rlim_max };
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        fixture_spawn(&fixture, NULL);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
        status = fixture_end(&fixture, 0);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 75);

        log = fopen(path, "re");
        ck_assert_ptr_nonnull(log);
        n = fread(text, 1, sizeof(text) - 1, log);
        text[n] = '\0';
        ck_assert_msg(strstr(text, "The service can't run: Too many open files."), "it says: %s", text);
        fclose(log);
}
END_TEST

int main(void) {
        TCase *tests = fixture_case("service", setup, teardown);

        tcase_add_test(tests, introspection);
        tcase_add_test(tests, lease_directory);
        tcase_add_loop_test(tests, end, 0, 2);
        tcase_add_test(tests, wrong_option);
        tcase_add_test(tests, failed_start);
        tcase_add_test(tests, failure_is_published);
        tcase_add_test(tests, status_line);
        return fixture_run(tests);
}
