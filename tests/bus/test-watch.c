/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Waiting for names, and being told of changes.
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ask.h"
#include "fixture.h"
#include "util/limits.h"
#include "util/util.h"

static Fixture fixture;
static sd_bus *bus;

static void setup(void) {
        fixture_setup(&fixture);
        fixture_write(&fixture, "virbr0.status",
                        "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\","
                        "\"hostname\":\"one\"}]");
        fixture_start(&fixture, NULL);
        bus = fixture_connect(&fixture);
}

static void teardown(void) {
        bus = sd_bus_flush_close_unref(bus);
        fixture_teardown(&fixture);
}

static void check_text(char *got, const char *expected) {
        ck_assert_str_eq(got, expected);
        free(got);
}

static uint64_t statistic(const char *key) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t value, found = UINT64_MAX;
        const char *k;

        ck_assert_int_ge(sd_bus_get_property(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                        "Statistics",
                                         NULL, &reply, "a{st}"), 0);
        ck_assert_int_ge(sd_bus_message_enter_container(reply, 'a', "{st}"), 0);
        while (sd_bus_message_read(reply, "{st}", &k, &value) > 0)
                if (strcmp(k, key) == 0)
                        found = value;
        ck_assert_msg(found != UINT64_MAX, "no statistic %s", key);
        return found;
}

/* What became of an asynchronous call. */
static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        char **ret = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(reply);

        *ret = e ? strdup(strrchr(e->name, '.') + 1) : ask_format(reply);
        return 0;
}

static void wait_start(sd_bus *b, const char *name, uint64_t timeout_usec, char **ret) {
        *ret = NULL;
        ck_assert_int_ge(sd_bus_call_method_async(b, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                                         "WaitForHostname", on_reply, ret, "isitt", 0, name, 0, UINT64_C(0),
                                         timeout_usec), 0);
        ck_assert_int_ge(sd_bus_flush(b), 0);
}

static void process_until(sd_bus *b, char *const *what) {
        while (!*what) {
                int r = sd_bus_process(b, NULL);

                ck_assert_int_ge(r, 0);
                if (r == 0)
                        ck_assert_int_ge(sd_bus_wait(b, UINT64_MAX), 0);
        }
}

/* The service has taken in the call when it answers the next. */
static void wait_until_waiting(uint64_t n) {
        while (statistic("waits") != n)
                (void) usleep(1000);
}

START_TEST(at_once) {
        check_text(ask_wait(bus, "one", 0), "one: 10.0.0.1 [lease]");
        check_text(ask_wait(bus, "one", UINT64_MAX), "one: 10.0.0.1 [lease]");
        check_text(ask_wait(bus, "two", 0), "TimedOut");
        check_text(ask_wait(bus, "two", 50000), "TimedOut");
        check_text(ask_wait(bus, "localhost", UINT64_MAX), "NameRefused");
        check_text(ask_wait(bus, "", UINT64_MAX), "NoSuchName");
        ck_assert_uint_eq(statistic("waits-answered"), 2);
        ck_assert_uint_eq(statistic("waits-timed-out"), 2);
        ck_assert_uint_eq(statistic("waits"), 0);
        ck_assert_uint_eq(statistic("waits-timed-out"), 2);
}
END_TEST

START_TEST(lease_appears) {
        char *got;

        wait_start(bus, "Two", UINT64_MAX, &got);
        fixture_write(&fixture, "virbr0.status", "[{\"ip-address\":\"10.0.0.2\",\"hostname\":\"two\"}]");
        process_until(bus, &got);
        check_text(got, "two: 10.0.0.2 [lease]");
        ck_assert_uint_eq(statistic("waits"), 0);
}
END_TEST

START_TEST(domain_gets_lease) {
        char *got;

        fixture_write(&fixture, "virbr1.macs", "[{\"domain\":\"guest9\",\"macs\":[\"52:54:00:00:00:09\"]}]");
        wait_start(bus, "guest9", UINT64_MAX, &got);
        fixture_write(&fixture, "virbr1.status",
                        "[{\"ip-address\":\"10.0.0.9\",\"mac-address\":\"52:54:00:00:00:09\"}]");
        process_until(bus, &got);
        check_text(got, "guest9: 10.0.0.9 [domain]");
}
END_TEST

START_TEST(directory_appears) {
        char aside[64], *got;

        (void) snprintf(aside, sizeof(aside), "%s.aside", fixture.leases);
        ck_assert_int_eq(rename(fixture.leases, aside), 0);
        wait_start(bus, "one", UINT64_MAX, &got);
        wait_until_waiting(1);
        ck_assert_int_eq(rename(aside, fixture.leases), 0);
        process_until(bus, &got);
        check_text(got, "one: 10.0.0.1 [lease]");
}
END_TEST

/* Under changes that never end nobody waits for ever. */
START_TEST(endless_burst) {
        char *got, text[128];
        int i = 0;

        wait_start(bus, "three", UINT64_MAX, &got);
        fixture_write(&fixture, "virbr3.status", "[{\"ip-address\":\"10.0.0.3\",\"hostname\":\"three\"}]");
        while (!got) {
                (void) snprintf(text, sizeof(text), "[{\"ip-address\":\"10.0.1.%i\"}]", i++ % 250);
                fixture_write(&fixture, "virbr0.status", text);
                (void) usleep(2000);
                while (sd_bus_process(bus, NULL) > 0)
                        ;
        }
        check_text(got, "three: 10.0.0.3 [lease]");
}
END_TEST

START_TEST(caller_vanishes) {
        sd_bus *other = fixture_connect(&fixture);
        char *got[3];

        for (size_t i = 0; i < ELEMENTS(got); i++)
                wait_start(other, "nobody", UINT64_MAX, got + i);
        wait_until_waiting(3);
        other = sd_bus_close_unref(other);
        wait_until_waiting(0);
        ck_assert_uint_eq(statistic("waits-abandoned"), 3);
}
END_TEST

/* A connection's limit, and many connections' waits answered by one change. */
START_TEST(many) {
        enum { N_BUSES = 20, N_EACH = 100 };
        sd_bus *buses[N_BUSES];
        char **got = calloc(N_BUSES * N_EACH, sizeof(*got));

        for (size_t i = 0; i < N_BUSES; i++) {
                buses[i] = fixture_connect(&fixture);
                for (size_t k = 0; k < N_EACH; k++)
                        wait_start(buses[i], "many", UINT64_MAX, got + i * N_EACH + k);
        }
        wait_until_waiting(N_BUSES * N_EACH);
        fixture_write(&fixture, "virbr4.status", "[{\"ip-address\":\"10.0.0.4\",\"hostname\":\"many\"}]");
        for (size_t i = 0; i < N_BUSES; i++) {
                for (size_t k = 0; k < N_EACH; k++) {
                        process_until(buses[i], got + i * N_EACH + k);
                        check_text(got[i * N_EACH + k], "many: 10.0.0.4 [lease]");
                }
                sd_bus_flush_close_unref(buses[i]);
        }
        ck_assert_uint_eq(statistic("waits"), 0);
        free(got);
}
END_TEST

/* Where the bus lets the service watch no more callers, the others go on waiting. */
START_TEST(bus_limit) {
        enum { N_BUSES = 40 };
        sd_bus *buses[N_BUSES];
        size_t n_found = 0, n_limited = 0;
        char *got[N_BUSES];

        for (size_t i = 0; i < N_BUSES; i++) {
                buses[i] = fixture_connect(&fixture);
                wait_start(buses[i], "two", UINT64_MAX, got + i);
        }
        process_until(buses[N_BUSES - 1], got + N_BUSES - 1);
        fixture_write(&fixture, "virbr0.status", "[{\"ip-address\":\"10.0.0.2\",\"hostname\":\"two\"}]");
        for (size_t i = 0; i < N_BUSES; i++) {
                process_until(buses[i], got + i);
                n_found += strcmp(got[i], "two: 10.0.0.2 [lease]") == 0;
                n_limited += strcmp(got[i], "LimitsExceeded") == 0;
                free(got[i]);
                sd_bus_flush_close_unref(buses[i]);
        }
        ck_assert_uint_ge(n_found, 30);
        ck_assert_uint_eq(n_found + n_limited, N_BUSES);
        ck_assert_uint_eq(statistic("calls-limited"), n_limited);
        ck_assert_uint_eq(statistic("waits"), 0);
}
END_TEST

/* What the signals say, as "+HOSTNAME", "-HOSTNAME", "~HOSTNAME". */
static char told[256];

static int on_signal(sd_bus_message *signal, void *userdata, sd_bus_error *error) {
        const char *key, *member = sd_bus_message_get_member(signal), *hostname = "";

        ck_assert_int_ge(sd_bus_message_enter_container(signal, 'a', "{sv}"), 0);
        while (sd_bus_message_enter_container(signal, 'e', "sv") > 0) {
                ck_assert_int_ge(sd_bus_message_read(signal, "s", &key), 0);
                if (strcmp(key, "hostname") == 0)
                        ck_assert_int_ge(sd_bus_message_read(signal, "v", "s", &hostname), 0);
                else
                        ck_assert_int_ge(sd_bus_message_skip(signal, "v"), 0);
                ck_assert_int_ge(sd_bus_message_exit_container(signal), 0);
        }
        (void) snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s",
                        strcmp(member, "LeaseAdded") == 0 ? "+" : strcmp(member,
                        "LeaseRemoved") == 0 ? "-" : "~",
                        hostname);
        return 0;
}

static void expect_signals(const char *expected) {
        while (strcmp(told, expected) != 0) {
                int r = sd_bus_process(bus, NULL);

                ck_assert_msg(strncmp(told, expected, strlen(told)) == 0, "told %s, not %s", told, expected);
                ck_assert_int_ge(r, 0);
                if (r == 0)
                        ck_assert_int_ge(sd_bus_wait(bus, UINT64_MAX), 0);
        }
        told[0] = '\0';
}

START_TEST(signals) {
        char text[256];

        ck_assert_int_ge(sd_bus_match_signal(bus, NULL, NULL, FIXTURE_OBJECT, FIXTURE_SERVICE, NULL,
                        on_signal,
                                         NULL), 0);
        fixture_wait_published(&fixture);
        fixture_write(&fixture, "virbr1.status", "[{\"ip-address\":\"10.0.0.2\",\"hostname\":\"two\"}]");
        expect_signals("+two");
        fixture_write(&fixture, "virbr1.status", "[{\"ip-address\":\"10.0.0.2\",\"hostname\":\"zwei\"}]");
        expect_signals("~zwei");
        (void) snprintf(text, sizeof(text),
                        "[{\"ip-address\":\"10.0.0.3\",\"hostname\":\"brief\",\"expiry-time\":%ld}]",
                        (long) time(NULL) + 1);
        fixture_write(&fixture, "virbr1.status", text);
        expect_signals("-zwei+brief");
        /* by the clock alone */
        expect_signals("-brief");
        /* gone from the file, too: told already */
        fixture_write(&fixture, "virbr1.status", "[{\"ip-address\":\"10.0.0.4\",\"hostname\":\"four\"}]");
        expect_signals("+four");
        fixture_remove(&fixture, "virbr0.status");
        expect_signals("-one");
}
END_TEST

START_TEST(statistics) {
        free(ask_name(bus, "one", 0, ASK_ANY, 0));
        free(ask_name(bus, "nosuch", 0, ASK_ANY, 0));
        free(ask_name(bus, "one", 10, ASK_ANY, 0));
        free(ask_name(bus, "wpad", 0, ASK_ANY, 0));
        free(ask_address(bus, "10.0.0.1", ASK_ANY));
        ck_assert_uint_eq(statistic("lookups-found"), 2);
        ck_assert_uint_eq(statistic("lookups-no-such-name"), 1);
        ck_assert_uint_eq(statistic("lookups-no-data"), 1);
        ck_assert_uint_eq(statistic("lookups-refused"), 1);
        ck_assert_uint_eq(statistic("leases"), 1);
        ck_assert_int_ge(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                                         "ResetStatistics", NULL, NULL, NULL), 0);
        ck_assert_uint_eq(statistic("lookups-found"), 0);
        ck_assert_uint_eq(statistic("leases"), 1);
}
END_TEST

/* A file that comes back byte for byte costs no parsing; Reload() reads, and parses no more. */
START_TEST(parsing_is_for_news) {
        static const char text[] = "[{\"ip-address\":\"10.0.0.2\",\"hostname\":\"two\"}]";
        uint64_t parsed;

        fixture_write(&fixture, "virbr1.status", text);
        free(ask_name(bus, "two", 0, ASK_ANY, 0));
        parsed = statistic("documents-parsed");
        ck_assert_uint_eq(parsed, 2);
        fixture_write(&fixture, "virbr1.status", text);
        free(ask_name(bus, "two", 0, ASK_ANY, 0));
        ck_assert_int_ge(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, "Reload",
                        NULL,
                                         NULL, NULL), 0);
        ck_assert_uint_eq(statistic("documents-parsed"), parsed);
        ck_assert_uint_ge(statistic("readings"), 3);
}
END_TEST

/* More files than are read: when one goes, another has its place. */
START_TEST(too_many_files) {
        enum { N_FILES = LEASE_DIRECTORY_FILES_MAX + 2 };
        char name[32], text[128];

        fixture_remove(&fixture, "virbr0.status");
        for (int i = 0; i < N_FILES; i++) {
                (void) snprintf(name, sizeof(name), "n%i.status", i);
                (void) snprintf(text, sizeof(text), "[{\"ip-address\":\"10.1.%i.%i\"}]", i / 250,
                                1 + i % 250);
                fixture_write(&fixture, name, text);
        }
        for (int i = 0; i < 3; i++) {
                (void) snprintf(name, sizeof(name), "n%i.status", i);
                check_text(ask_name(bus, "nobody", 0, ASK_ANY, 0), "NoSuchName");
                ck_assert_uint_eq(statistic("leases"), i < 2 ? LEASE_DIRECTORY_FILES_MAX : N_FILES - 2);
                fixture_remove(&fixture, name);
        }
        check_text(ask_name(bus, "nobody", 0, ASK_ANY, 0), "NoSuchName");
        ck_assert_uint_eq(statistic("leases"), N_FILES - 3);
}
END_TEST

int main(void) {
        TCase *tests = fixture_case("watch", setup, teardown);

        tcase_add_test(tests, at_once);
        tcase_add_test(tests, lease_appears);
        tcase_add_test(tests, domain_gets_lease);
        tcase_add_test(tests, directory_appears);
        tcase_add_test(tests, endless_burst);
        tcase_add_test(tests, caller_vanishes);
        tcase_add_test(tests, many);
        tcase_add_test(tests, bus_limit);
        tcase_add_test(tests, signals);
        tcase_add_test(tests, statistics);
        tcase_add_test(tests, parsing_is_for_news);
        tcase_add_test(tests, too_many_files);
        return fixture_run(tests);
}
