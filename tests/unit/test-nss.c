/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decisions of the NSS modules and of their bus client: what NSS is told of an
 * outcome, which bus is asked, and what is tried again.
 */

#include <check.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "util/bus-address.h"
#include "client/retry.h"
#include "index/reader.h"
#include "status.h"
#include "util/util.h"

static void check_status(int result, enum nss_status status, int error, int h_error) {
        int e = -1, h = -1;

        ck_assert_int_eq(status_report(result, &e, &h), status);
        ck_assert_int_eq(e, error);
        ck_assert_int_eq(h, h_error);
}

START_TEST(status_of_outcomes) {
        check_status(LOOKUP_FOUND, NSS_STATUS_SUCCESS, 0, NETDB_SUCCESS);
        check_status(LOOKUP_NO_NAME, NSS_STATUS_NOTFOUND, ESRCH, HOST_NOT_FOUND);
        check_status(LOOKUP_EXPIRED, NSS_STATUS_NOTFOUND, ESRCH, HOST_NOT_FOUND);
        check_status(LOOKUP_NO_LEASE, NSS_STATUS_NOTFOUND, ESRCH, HOST_NOT_FOUND);
        check_status(LOOKUP_NO_FAMILY, NSS_STATUS_NOTFOUND, ENXIO, NO_DATA);
        check_status(RESULT_TOO_LARGE, NSS_STATUS_TRYAGAIN, ERANGE, NETDB_INTERNAL);
        check_status(-EAFNOSUPPORT, NSS_STATUS_UNAVAIL, EAFNOSUPPORT, NO_RECOVERY);
        check_status(-ETIMEDOUT, NSS_STATUS_UNAVAIL, ETIMEDOUT, NO_RECOVERY);
        check_status(-ERANGE, NSS_STATUS_UNAVAIL, ERANGE, NO_RECOVERY);
}
END_TEST

START_TEST(harmless_buses) {
        static const char *const good[] = {
                "unix:path=/run/dbus/system_bus_socket",
                "unix:abstract=/tmp/dbus-x",
                "unix:path=/tmp/bus,guid=0123456789abcdef0123456789abcdef",
        };
        static const char *const bad[] = {
                "",
                "tcp:host=example.com,port=1",
                "unixexec:path=/bin/sh",
                "unix:tmpdir=/tmp",
                "unix:runtime=yes",
                "unix:guid=0123456789abcdef0123456789abcdef,path=/tmp/bus",
                "UNIX:path=/tmp/bus",
                " unix:path=/tmp/bus",
                "unix:path=/tmp/bus;tcp:host=example.com,port=1",
                "tcp:host=example.com,port=1;unix:path=/tmp/bus",
                "unix:path=/tmp/bus;",
                "autolaunch:",
                "x-machine-unix:machine=web1",
        };

        for (size_t i = 0; i < ELEMENTS(good); i++)
                ck_assert_str_eq(bus_address_choose(good[i]), good[i]);
        for (size_t i = 0; i < ELEMENTS(bad); i++)
                ck_assert_str_eq(bus_address_choose(bad[i]), BUS_ADDRESS_DEFAULT);
        ck_assert_str_eq(bus_address_choose(NULL), "unix:path=/run/dbus/system_bus_socket");
}
END_TEST

START_TEST(retries) {
        static const struct {
                const char *name, *message;
                bool live;
                Retry retry;
        } errors[] = {
                { "org.freedesktop.DBus.Error.NoReply", NULL, false, RETRY_ALWAYS },
                { "org.freedesktop.DBus.Error.Disconnected", NULL, false, RETRY_ALWAYS },
                { "org.freedesktop.DBus.Error.NameHasNoOwner", NULL, true, RETRY_ACTIVATION },
                { "org.freedesktop.DBus.Error.NameHasNoOwner", NULL, false, RETRY_NEVER },
                { "org.freedesktop.DBus.Error.NameHasNoOwner",
                  "Could not activate remote peer: startup job failed.", true, RETRY_ACTIVATION },
                { "org.freedesktop.DBus.Error.NameHasNoOwner",
                  "Could not activate remote peer: activation request failed: a concurrent deactivation "
                  "request is already in progress.", true, RETRY_ACTIVATION },
                { "org.freedesktop.DBus.Error.NameHasNoOwner",
                  "Could not activate remote peer: activation request failed: unit is masked.", true,
                  RETRY_NEVER },
                { "org.freedesktop.DBus.Error.NameHasNoOwner",
                  "Could not activate remote peer: activation request failed: unit is invalid.", true,
                  RETRY_NEVER },
                { "org.freedesktop.DBus.Error.NameHasNoOwner",
                  "Could not activate remote peer: activation request failed: unknown unit.", true,
                  RETRY_NEVER },
                { "org.freedesktop.DBus.Error.ServiceUnknown", NULL, true, RETRY_NEVER },
                { "org.freedesktop.systemd1.UnitMasked", NULL, true, RETRY_NEVER },
                { "org.libvirt.Resolve1.NoSuchName", NULL, true, RETRY_NEVER },
        };

        for (size_t i = 0; i < ELEMENTS(errors); i++)
                ck_assert_int_eq(retry_after_error(errors[i].name, errors[i].message, errors[i].live),
                                errors[i].retry);

        ck_assert_int_eq(retry_after_errno(-ENOBUFS), RETRY_ALWAYS);
        ck_assert_int_eq(retry_after_errno(-ECONNRESET), RETRY_ALWAYS);
        ck_assert_int_eq(retry_after_errno(-EPIPE), RETRY_ALWAYS);
        ck_assert_int_eq(retry_after_errno(-EAGAIN), RETRY_ALWAYS);
        ck_assert_int_eq(retry_after_errno(-ENOENT), RETRY_NEVER);
        ck_assert_int_eq(retry_after_errno(-ECONNREFUSED), RETRY_NEVER);
        ck_assert_int_eq(retry_after_errno(-ETIMEDOUT), RETRY_NEVER);
        ck_assert_int_eq(retry_after_errno(-ENOMEM), RETRY_NEVER);
}
END_TEST

START_TEST(pauses) {
        static const unsigned milliseconds[] = { 0, 4, 8, 16, 32, 64, 128, 128, 128 };

        for (unsigned i = 0; i < ELEMENTS(milliseconds); i++)
                ck_assert_uint_eq(retry_pause_usec(i + 1), milliseconds[i] * 1000);
        ck_assert_uint_eq(retry_pause_usec(UINT32_MAX), 128000);
}
END_TEST

START_TEST(times_of_tries) {
        ck_assert_uint_eq(retry_time(RETRY_NEVER, 1, 1000, 1000, 9000000), 0);
        ck_assert_uint_eq(retry_time(RETRY_ALWAYS, 1, 1000, 2000, 9000000), 2000);
        ck_assert_uint_eq(retry_time(RETRY_ALWAYS, 3, 1000, 2000, 9000000), 10000);
        ck_assert_uint_eq(retry_time(RETRY_ALWAYS, 3, 1000, 8992000, 9000000), 0);
        ck_assert_uint_eq(retry_time(RETRY_ALWAYS, 3, 1000, 8991999, 9000000), 8999999);
        ck_assert_uint_eq(retry_time(RETRY_ACTIVATION, 2, 1000, 496999, 9000000), 500999);
        ck_assert_uint_eq(retry_time(RETRY_ACTIVATION, 2, 1000, 497000, 9000000), 0);
        ck_assert_uint_eq(retry_time(RETRY_ACTIVATION, 2, 1000, 6000, 10000), 0);
        ck_assert_uint_eq(retry_time(RETRY_ALWAYS, 3, 1000, 2000, UINT64_MAX), 10000);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("nss");
        TCase *tcase = tcase_create("decisions");
        SRunner *runner;
        int n_failed;

        tcase_add_test(tcase, status_of_outcomes);
        tcase_add_test(tcase, harmless_buses);
        tcase_add_test(tcase, retries);
        tcase_add_test(tcase, pauses);
        tcase_add_test(tcase, times_of_tries);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        n_failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
