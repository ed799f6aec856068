/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the service answers over the bus: names, addresses, refusals, bad
 * arguments, and all of it anew as the files change.
 */

#include <check.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "ask.h"
#include "fixture.h"
#include "util/util.h"

static Fixture fixture;
static sd_bus *bus;

/* %1$ld is tomorrow, %2$ld is yesterday. */
static const char virbr0_status[] =
        "[{\"ip-address\":\"192.168.122.42\",\"mac-address\":\"52:54:00:00:00:01\",\"hostname\":\"Web1\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"192.168.122.43\",\"mac-address\":\"52:54:00:00:00:02\",\"hostname\":\"app\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"fd00::43\",\"mac-address\":\"52:54:00:00:00:02\",\"hostname\":\"app\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"192.168.122.44\",\"mac-address\":\"52:54:00:00:00:03\",\"hostname\":\"old\","
        "\"expiry-time\":%2$ld},"
        "{\"ip-address\":\"192.168.122.45\",\"mac-address\":\"52:54:00:00:00:04\",\"hostname\":\"vm-app\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"192.168.122.46\",\"mac-address\":\"52:54:00:00:00:05\",\"hostname\":\"localhost\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"192.168.122.47\",\"mac-address\":\"52:54:00:00:00:06\","
        "\"hostname\":\"github.com\","
        "\"expiry-time\":%1$ld},"
        "{\"ip-address\":\"192.168.122.48\",\"mac-address\":\"52:54:00:00:00:07\","
        "\"hostname\":\"db.lab.example\","
        "\"expiry-time\":0},"
        "{\"ip-address\":\"192.168.122.49\",\"mac-address\":\"52:54:00:00:00:0a\","
        "\"hostname\":\"2130706433\","
        "\"expiry-time\":0},"
        "{\"ip-address\":\"fe80::1\",\"mac-address\":\"52:54:00:00:00:08\",\"hostname\":\"link\","
        "\"expiry-time\":0},"
        "{\"ip-address\":\"127.0.0.9\",\"mac-address\":\"52:54:00:00:00:09\",\"hostname\":\"loop\","
        "\"expiry-time\":0}]";
static const char virbr0_macs[] =
        "[{\"domain\":\"vm-app\",\"macs\":[\"52:54:00:00:00:02\"]},"
        "{\"domain\":\"vm none\",\"macs\":[\"52:54:00:00:00:77\"]},"
        "{\"domain\":\"web1\",\"macs\":[\"52:54:00:00:00:01\"]}]";

static void write_leases(void) {
        long now = (long) time(NULL);
        char text[8192];

        (void) snprintf(text, sizeof(text), virbr0_status, now + 86400, now - 86400);
        fixture_write(&fixture, "virbr0.status", text);
        fixture_write(&fixture, "virbr0.macs", virbr0_macs);
}

static void setup(void) {
        fixture_setup(&fixture);
        write_leases();
        fixture_start(&fixture, (const char *const[]) { "--domain=lab.example", "--deny-name=puppet", NULL });
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

static const struct {
        const char *name;
        int family;
        unsigned flags;
        const char *expected;
} names[] = {
        { "web1", 0, ASK_ANY, "Web1: 192.168.122.42 [lease,domain]" },
        { "WEB1.", 0, ASK_LEASE, "Web1: 192.168.122.42 [lease]" },
        { "web1", 0, ASK_DOMAIN, "web1: 192.168.122.42 [domain]" },
        { "web1.lab.example", 0, ASK_ANY, "Web1.lab.example: 192.168.122.42 [lease,domain]" },
        { "web1.example", 0, ASK_ANY, "NoSuchName" },
        { "app", 0, ASK_ANY, "app: 192.168.122.43 fd00::43 [lease]" },
        { "app", AF_INET, ASK_ANY, "app: 192.168.122.43 [lease]" },
        { "app", AF_INET6, ASK_ANY, "app: fd00::43 [lease]" },
        { "app", 0, ASK_DOMAIN, "NoSuchName" },
        { "web1", AF_INET6, ASK_ANY, "NoData" },
        { "vm-app", 0, ASK_ANY, "vm-app: 192.168.122.43 fd00::43 [domain]" },
        { "vm-app", 0, ASK_LEASE, "NameRefused" },
        { "vm none", 0, ASK_ANY, "NoSuchName" },
        { "old", 0, ASK_ANY, "NoSuchName" },
        { "localhost", 0, ASK_ANY, "NameRefused" },
        { "github.com", 0, ASK_ANY, "NameRefused" },
        { "gitlab.com", 0, ASK_ANY, "NoSuchName" },
        { "puppet", 0, ASK_ANY, "NameRefused" },
        { "puppet.lab.example", 0, ASK_ANY, "NameRefused" },
        { "wpad.lab.example", 0, ASK_ANY, "NameRefused" },
        { "2130706433", 0, ASK_ANY, "NameRefused" },
        { "2130706433.lab.example", 0, ASK_ANY, "2130706433.lab.example: 192.168.122.49 [lease]" },
        { "127.1", 0, ASK_ANY, "NameRefused" },
        { "db.lab.example", 0, ASK_ANY, "db.lab.example: 192.168.122.48 [lease]" },
        { "db", 0, ASK_ANY, "NoSuchName" },
        { "link", 0, ASK_ANY, "link: fe80::1 [lease]" },
        { "loop", 0, ASK_ANY, "NameRefused" },
        { "", 0, ASK_ANY, "NoSuchName" },
        { ".", 0, ASK_ANY, "NoSuchName" },
        { "nosuch", 0, ASK_ANY, "NoSuchName" },
        { "web1", 99, ASK_ANY, "InvalidArgs" },
        { "web1", -1, ASK_ANY, "InvalidArgs" },
        { "web1", 0, 4, "InvalidArgs" },
};

START_TEST(resolve_names) {
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                char *got = ask_name(bus, names[i].name, names[i].family, names[i].flags, 0);

                ck_assert_msg(strcmp(got, names[i].expected) == 0,
                                "\"%s\", family %i, flags %u: \"%s\", not \"%s\"",
                                names[i].name, names[i].family, names[i].flags, got, names[i].expected);
                free(got);
        }
}
END_TEST

START_TEST(long_name) {
        char name[10001];

        memset(name, 'a', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        check_text(ask_name(bus, name, 0, ASK_ANY, 0), "NoSuchName");
}
END_TEST

START_TEST(interface_index) {
        check_text(ask_name(bus, "web1", 0, ASK_ANY, -1), "InvalidArgs");
        check_text(ask_name(bus, "web1", 0, ASK_ANY, 999999), "NoData");
        check_text(ask_name(bus, "web1", 0, ASK_ANY, 1), "NoData");
        check_text(ask_name(bus, "nosuch", 0, ASK_ANY, 1), "NoSuchName");
}
END_TEST

static const struct {
        const char *address;
        unsigned flags;
        const char *expected;
} addresses[] = {
        { "192.168.122.42", ASK_ANY, "Web1.lab.example Web1 [lease]" },
        { "192.168.122.42", ASK_DOMAIN, "web1.lab.example web1 [domain]" },
        { "192.168.122.43", ASK_ANY, "app.lab.example app vm-app.lab.example vm-app [lease,domain]" },
        { "192.168.122.43", ASK_LEASE | ASK_DOMAIN,
          "app.lab.example app vm-app.lab.example vm-app [lease,domain]" },
        { "192.168.122.43", ASK_LEASE, "app.lab.example app [lease]" },
        { "fd00::43", ASK_DOMAIN, "vm-app.lab.example vm-app [domain]" },
        { "192.168.122.44", ASK_ANY, "NoSuchAddress" },
        { "192.168.122.45", ASK_ANY, "NoSuchAddress" },
        { "192.168.122.46", ASK_ANY, "NoSuchAddress" },
        { "192.168.122.48", ASK_ANY, "db.lab.example [lease]" },
        { "192.168.122.49", ASK_ANY, "2130706433.lab.example [lease]" },
        { "fe80::1", ASK_ANY, "NoSuchAddress" },
        { "127.0.0.9", ASK_ANY, "NoSuchAddress" },
        { "192.168.122.42", 8, "InvalidArgs" },
};

START_TEST(resolve_addresses) {
        for (size_t i = 0; i < ELEMENTS(addresses); i++) {
                char *got = ask_address(bus, addresses[i].address, addresses[i].flags);

                ck_assert_msg(strcmp(got, addresses[i].expected) == 0, "%s, flags %u: \"%s\", not \"%s\"",
                                addresses[i].address, addresses[i].flags, got, addresses[i].expected);
                free(got);
        }
}
END_TEST

static const struct {
        const char *name;
        const char *part;
} reasons[] = {
        { "old", "The lease of 'old' on virbr0 expired 1d ago" },
        { "vm none", "The libvirt domain 'vm none' has no DHCP lease" },
        { "vm-app", "" },
        { "github.com", "192.168.122.47 on virbr0 claims, is refused: a guest's name may have a dot only "
          "below" },
        { "puppet", "--deny-name=" },
        { "2130706433", "192.168.122.49 on virbr0 claims, is refused: it reads as an address" },
        { "3", "'3' is refused: it reads as an address" },
        { "no\x1b[31msuch", "No guest is called 'no\\x1b[31msuch'" },
};

START_TEST(explanations) {
        for (size_t i = 0; i < ELEMENTS(reasons); i++) {
                char *got = ask_why(bus, reasons[i].name, ASK_ANY);

                ck_assert_msg(strstr(got, reasons[i].part), "\"%s\": \"%s\" has no \"%s\"", reasons[i].name,
                                got,
                                reasons[i].part);
                free(got);
        }
        check_text(ask_why(bus, "vm-app", ASK_LEASE),
                        "'vm-app', which the guest with 192.168.122.45 on virbr0 claims, is refused: a "
                        "libvirt domain "
                        "has that name, and the lease isn't that domain's");
}
END_TEST

START_TEST(hostnames_off) {
        bus = sd_bus_flush_close_unref(bus);
        ck_assert_int_eq(fixture_end(&fixture, SIGTERM), 0);
        fixture_start(&fixture, (const char *const[]) { "--hostnames=no", NULL });
        bus = fixture_connect(&fixture);

        check_text(ask_name(bus, "vm-app", 0, ASK_ANY, 0), "vm-app: 192.168.122.43 fd00::43 [domain]");
        check_text(ask_name(bus, "web1", 0, ASK_ANY, 0), "web1: 192.168.122.42 [domain]");
        check_text(ask_name(bus, "app", 0, ASK_ANY, 0), "NoSuchName");
        check_text(ask_name(bus, "web1", 0, ASK_LEASE, 0), "NoSuchName");
        check_text(ask_why(bus, "app", ASK_ANY),
                        "No libvirt domain is called 'app', and hostnames are turned off (--hostnames=no)");
        check_text(ask_why(bus, "localhost", ASK_ANY),
                        "'localhost' is refused: the name has a meaning of its own and is never a guest's");
        check_text(ask_address(bus, "192.168.122.43", ASK_ANY), "vm-app [domain]");
        check_text(ask_address(bus, "192.168.122.48", ASK_ANY), "NoSuchAddress");
}
END_TEST

START_TEST(wrong_signature) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        ck_assert_int_lt(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                                         "ResolveHostname", &error, NULL, "s", "web1"), 0);
        ck_assert_str_eq(error.name, SD_BUS_ERROR_INVALID_ARGS);
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "app: 192.168.122.43 [lease]");
}
END_TEST

START_TEST(wrong_address_length) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        ck_assert_int_lt(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                                         "ResolveAddress", &error, NULL, "iiayt", 0, AF_INET, 3, 1, 2, 3,
                                         UINT64_C(0)), 0);
        ck_assert_str_eq(error.name, SD_BUS_ERROR_INVALID_ARGS);
}
END_TEST

/* Every change is there in the next answer, without any waiting. */
START_TEST(changes) {
        char text[512];

        for (int i = 1; i < 200; i++) {
                char expected[64];

                (void) snprintf(text, sizeof(text),
                                "[{\"ip-address\":\"10.0.0.%i\",\"hostname\":\"moving\"}]", i);
                fixture_write(&fixture, "virbr7.status", text);
                (void) snprintf(expected, sizeof(expected), "moving: 10.0.0.%i [lease]", i);
                check_text(ask_name(bus, "moving", 0, ASK_ANY, 0), expected);
        }
        fixture_remove(&fixture, "virbr7.status");
        check_text(ask_name(bus, "moving", 0, ASK_ANY, 0), "NoSuchName");
}
END_TEST

/* Maps in a listing, whatever is in them. */
static unsigned list_count(const char *method, const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        unsigned n = 0;
        va_list args;
        int r;

        va_start(args, types);
        r = sd_bus_call_methodv(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, method, &error, &reply,
                        types,
                        args);
        va_end(args);
        ck_assert_msg(r >= 0, "%s: %s", method, error.message);
        ck_assert_int_ge(sd_bus_message_enter_container(reply, 'a', "a{sv}"), 0);
        while ((r = sd_bus_message_skip(reply, "a{sv}")) > 0)
                n++;
        return n;
}

/* A D-Bus string can't carry each string that JSON, or a file's name, can. */
START_TEST(strings_beyond_the_bus) {
        unsigned n_leases = list_count("ListLeases", "t", UINT64_C(0)),
                        n_networks = list_count("ListNetworks", NULL);

        fixture_write(&fixture, "virbr7.status",
                        "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:07:01\","
                        "\"hostname\":\"one\\uffff\"},"
                        "{\"ip-address\":\"10.0.0.2\",\"hostname\":\"two\",\"client-id\":\"\\ufdd0\"},"
                        "{\"ip-address\":\"10.0.0.3\",\"mac-address\":\"52:54:00:00:07:03\"}]");
        fixture_write(&fixture, "virbr7.macs",
                        "[{\"domain\":\"dom\\ud83f\\udffe\",\"macs\":[\"52:54:00:00:07:01\"]},"
                        "{\"domain\":\"good\",\"macs\":[\"52:54:00:00:07:03\"]}]");
        fixture_write(&fixture, "br\xff.status", "[{\"ip-address\":\"10.0.0.4\",\"hostname\":\"four\"}]");

        check_text(ask_name(bus, "two", 0, ASK_ANY, 0), "two: 10.0.0.2 [lease]");
        check_text(ask_name(bus, "good", 0, ASK_ANY, 0), "good: 10.0.0.3 [domain]");
        check_text(ask_name(bus, "four", 0, ASK_ANY, 0), "NoSuchName");
        ck_assert_uint_eq(list_count("ListLeases", "t", UINT64_C(0)), n_leases + 3);
        ck_assert_uint_eq(list_count("ListNetworks", NULL), n_networks + 1);
}
END_TEST

START_TEST(bad_file_keeps_last_good_reading) {
        fixture_write(&fixture, "virbr7.status", "[{\"ip-address\":\"10.0.0.7\",\"hostname\":\"seven\"}]");
        check_text(ask_name(bus, "seven", 0, ASK_ANY, 0), "seven: 10.0.0.7 [lease]");
        fixture_write(&fixture, "virbr7.status", "[{\"ip-address\":\"10.0.0.8\",\"hostname\":");
        check_text(ask_name(bus, "seven", 0, ASK_ANY, 0), "seven: 10.0.0.7 [lease]");
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "app: 192.168.122.43 [lease]");
        fixture_write(&fixture, "virbr7.status", "");
        check_text(ask_name(bus, "seven", 0, ASK_ANY, 0), "NoSuchName");
}
END_TEST

static void check_lists(const char *method, const char *types, ...) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        va_list arguments;
        int r;

        va_start(arguments, types);
        r = sd_bus_call_methodv(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, method, &error, NULL,
                        types,
                        arguments);
        va_end(arguments);
        ck_assert_msg(r >= 0, "%s: %s", method, error.message);
}

/* What sd-bus takes into no message keeps nobody else out of it. */
START_TEST(text_that_no_reply_carries) {
        fixture_write(&fixture, "virbr7.status", "[{\"ip-address\":\"10.0.0.7\",\"hostname\":\"a\\uffff\"},"
                        "{\"ip-address\":\"10.0.0.8\",\"hostname\":\"eight\",\"client-id\":\"\\ufdd0\"}]");
        fixture_write(&fixture, "virbr7.macs",
                        "[{\"domain\":\"b\\ufffe\",\"macs\":[\"52:54:00:00:00:01\"]}]");
        fixture_write(&fixture, "br\xff.status", "[{\"ip-address\":\"10.0.1.7\",\"hostname\":\"nine\"}]");
        check_text(ask_name(bus, "eight", 0, ASK_ANY, 0), "eight: 10.0.0.8 [lease]");
        check_text(ask_name(bus, "nine", 0, ASK_ANY, 0), "NoSuchName");
        check_lists("ListLeases", "t", UINT64_C(0));
        check_lists("ListNetworks", NULL);
}
END_TEST

START_TEST(directory_comes_and_goes) {
        char aside[64];

        (void) snprintf(aside, sizeof(aside), "%s.aside", fixture.leases);
        ck_assert_int_eq(rename(fixture.leases, aside), 0);
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "LeasesUnavailable");
        ck_assert_int_eq(mkdir(fixture.leases, 0755), 0);
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "NoSuchName");
        ck_assert_int_eq(rmdir(fixture.leases), 0);
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "LeasesUnavailable");
        ck_assert_int_eq(rename(aside, fixture.leases), 0);
        check_text(ask_name(bus, "app", AF_INET, ASK_ANY, 0), "app: 192.168.122.43 [lease]");
}
END_TEST

int main(void) {
        TCase *tests = fixture_case("resolve", setup, teardown);

        tcase_add_test(tests, resolve_names);
        tcase_add_test(tests, long_name);
        tcase_add_test(tests, interface_index);
        tcase_add_test(tests, resolve_addresses);
        tcase_add_test(tests, explanations);
        tcase_add_test(tests, hostnames_off);
        tcase_add_test(tests, wrong_signature);
        tcase_add_test(tests, wrong_address_length);
        tcase_add_test(tests, changes);
        tcase_add_test(tests, strings_beyond_the_bus);
        tcase_add_test(tests, bad_file_keeps_last_good_reading);
        tcase_add_test(tests, text_that_no_reply_carries);
        tcase_add_test(tests, directory_comes_and_goes);
        return fixture_run(tests);
}
