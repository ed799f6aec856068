/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which records follow from what the service says.
 */

#include <check.h>
#include <string.h>

#include "ddns/selection.h"
#include "util/util.h"

static const Selection base = {
        .interfaces = { "br0" },
        .n_interfaces = 1,
        .zones = { "lab.test", "51.198.in-addr.arpa", "100.51.198.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa" },
        .n_zones = 4,
};

#define CARD(interface, domain, mac, address, hostname, names)                                               \
        "[{\"domain\":\"" domain "\",\"mac-address\":\"" mac                                                 \
        "\",\"interface\":\"" interface "\",\"addresses\":["                                                 \
        "{\"address\":\"" address "\",\"answered\":true,\"hostname\":\"" hostname "\",\"names\":" names      \
        "}]}]"
#define MAC "52:54:00:00:00:01"

static const struct {
        const char *guests;
        bool hostnames;
        const char *expected;
} rows[] = {
        { CARD("br0", "Web1", MAC, "198.51.100.1", "h", "[\"Web1\"]"), false,
                        "1.100.51.198.in-addr.arpa 2 PTR web1.lab.test.;web1.lab.test 0 A 198.51.100.1;" },
        { CARD("br0", "web1", MAC, "2001:db8::1", "h", "[\"web1\"]"), false,
                        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa 3 PTR "
                        "web1.lab.test.;"
                        "web1.lab.test 0 AAAA 2001:db8::1;" },
        { CARD("br0", "web1", MAC, "203.0.113.1", "h", "[\"web1\",\"h\"]"), true,
                        "h.lab.test 0 A 203.0.113.1;web1.lab.test 0 A 203.0.113.1;" },
        { CARD("virbr0", "web1", MAC, "198.51.100.1", "h", "[\"web1\"]"), false, "" },
        { CARD("br0", "web1", MAC, "fe80::1", "h", "[\"web1\"]"), false, "" },
        { CARD("br0", "web1", MAC, "127.0.0.1", "h", "[\"web1\"]"), false, "" },
        { CARD("br0", "web 1", MAC, "198.51.100.1", "h", "[\"web 1\"]"), false, "" },
        { CARD("br0", "a.b", MAC, "198.51.100.1", "h", "[\"a.b\"]"), false, "" },
        { CARD("br0", "web1\\n@ NS evil", MAC, "198.51.100.1", "h", "[\"web1\\n@ NS evil\"]"), false, "" },
        { CARD("br0", "web1", MAC, "198.51.100.1", "h", "[]"), false, "" },
        { CARD("br0", "web1", MAC, "198.51.100.1", "h", "7"), false, "" },
        { "[{\"domain\":\"web1\",\"interface\":\"br0\",\"addresses\":[{\"address\":\"198.51.100.1\","
          "\"answered\":true,"
          "\"names\":[\"web1\"]}]}]",
                        false, "" },
        { CARD("br0", "web1", "52:54", "198.51.100.1", "h", "[\"web1\"]"), false, "" },
        { "7", true, "" },
};

static void describe(json_t *owners, char *buffer, size_t size) {
        static const char *order[8];
        size_t n = 0, used = 0;
        const char *owner;
        json_t *entry;

        json_object_foreach (owners, owner, entry)
                order[n++] = owner;
        buffer[0] = '\0';
        for (size_t i = 0; i < n; i++)
                for (size_t k = i + 1; k < n; k++)
                        if (strcmp(order[k], order[i]) < 0) {
                                const char *other = order[i];

                                order[i] = order[k];
                                order[k] = other;
                        }
        for (size_t i = 0; i < n; i++) {
                entry = json_object_get(owners, order[i]);
                used += (size_t) snprintf(buffer + used, size - used, "%s %i %s;", order[i],
                                (int) json_integer_value(json_object_get(entry, "zone")),
                                json_string_value(json_array_get(json_object_get(entry, "records"), 0)));
        }
}

START_TEST(test_records) {
        json_t *guests = json_loads(rows[_i].guests, JSON_DECODE_ANY, NULL), *owners;
        Selection s = base;
        char text[1024];

        ck_assert_ptr_nonnull(guests);
        s.hostnames = rows[_i].hostnames;
        ck_assert_int_eq(selection_make(&s, guests, NULL, &owners), 0);
        describe(owners, text, sizeof(text));
        ck_assert_str_eq(text, rows[_i].expected);
        json_decref(owners);
        json_decref(guests);
}
END_TEST

/* The names of the guest and of its marker have room in DNS, or nothing goes out. */
START_TEST(test_long_names) {
        static const char label[] = "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghi";
        static const char zones[][DDNS_ZONE_SIZE] = {
                "b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789."
                "b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b234",
                "b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789."
                "b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b23456789.b2345678.c2345678",
        };

        for (size_t i = 0; i < ELEMENTS(zones); i++) {
                json_t *guests = json_pack("[{s:s, s:s, s:s, s:[{s:s, s:b, s:[s]}]}]", "domain", label,
                                "mac-address", MAC, "interface", "br0", "addresses", "address",
                                "198.51.100.1", "answered", 1, "names", label);
                Selection s = base;
                json_t *owners;

                s.zones[0] = zones[i];
                s.n_zones = 1;
                ck_assert_int_eq(selection_make(&s, guests, NULL, &owners), 0);
                ck_assert_uint_eq(json_object_size(owners), i == 0);
                json_decref(owners);
                json_decref(guests);
        }
}
END_TEST

static const struct {
        const char *prefix, *inside, *outside; /* inside NULL: refused */
} prefixes[] = {
        { "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
        { "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
        { "192.0.2.1/32", "192.0.2.1", "192.0.2.2" },
        { "0.0.0.0/0", "192.0.2.1", "2001:db8::1" },
        { "2001:db8::/61", "2001:db8:0:7::1", "2001:db8:0:8::1" },
        { "192.0.2.0", NULL, NULL },
        { "192.0.2.0/33", NULL, NULL },
        { "192.0.2.0/", NULL, NULL },
        { "192.0.2.0/2x", NULL, NULL },
        { "br0/24", NULL, NULL },
};

START_TEST(test_prefix) {
        Address address;
        Prefix prefix;

        if (!prefixes[_i].inside) {
                ck_assert_int_lt(prefix_parse(prefixes[_i].prefix, &prefix), 0);
                return;
        }
        ck_assert_int_eq(prefix_parse(prefixes[_i].prefix, &prefix), 0);
        ck_assert_int_eq(address_parse(prefixes[_i].inside, &address), 0);
        ck_assert(prefix_contains(&prefix, &address));
        ck_assert_int_eq(address_parse(prefixes[_i].outside, &address), 0);
        ck_assert(!prefix_contains(&prefix, &address));
}
END_TEST

START_TEST(test_zone_name) {
        char buffer[DDNS_ZONE_SIZE];

        ck_assert_int_eq(zone_name_parse("Lab.Example.", buffer), 0);
        ck_assert_str_eq(buffer, "lab.example");
        ck_assert_int_eq(zone_name_parse("0/25.2.0.192.in-addr.arpa", buffer), 0);
        ck_assert_int_lt(zone_name_parse("", buffer), 0);
        ck_assert_int_lt(zone_name_parse(".", buffer), 0);
        ck_assert_int_lt(zone_name_parse("a..b", buffer), 0);
        ck_assert_int_lt(zone_name_parse("a b", buffer), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("ddns-selection");
        TCase *cases = tcase_create("selection");
        SRunner *runner;
        int failed;

        tcase_add_loop_test(cases, test_records, 0, (int) (sizeof(rows) / sizeof(rows[0])));
        tcase_add_loop_test(cases, test_prefix, 0, (int) (sizeof(prefixes) / sizeof(prefixes[0])));
        tcase_add_test(cases, test_long_names);
        tcase_add_test(cases, test_zone_name);
        suite_add_tcase(suite, cases);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed > 0;
}
