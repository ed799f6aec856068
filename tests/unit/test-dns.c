/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The resolve hook's DNS: names of reverse lookups, records in wire form.
 */

#include <string.h>
#include <sys/socket.h>

#include "service/dns.h"
#include "unit.h"
#include "util/util.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define N253 L63 "." L63 "." L63 "." L61
#define ZEROS_28 "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."

static const struct {
        const char *address, *name;
} reverse_names[] = {
        { "192.168.122.10", "10.122.168.192.in-addr.arpa" },
        { "0.0.0.0", "0.0.0.0.in-addr.arpa" },
        { "255.254.253.252", "252.253.254.255.in-addr.arpa" },
        { "::", ZEROS_28 "0.0.0.0.ip6.arpa" },
        { "2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.ip6.arpa" },
};

START_TEST(test_reverse) {
        char buffer[DNS_REVERSE_MAX];
        Address address, back;

        ck_assert_int_eq(address_parse(reverse_names[_i].address, &address), 0);
        ck_assert_ptr_eq(dns_reverse_format(&address, buffer), buffer);
        ck_assert_str_eq(buffer, reverse_names[_i].name);
        ck_assert(dns_reverse_parse(buffer, &back));
        ck_assert_int_eq(address_compare(&address, &back), 0);
}
END_TEST

START_TEST(test_reverse_spelt) {
        static const char *const names[] = {
                "10.122.168.192.in-addr.arpa.",
                "10.122.168.192.IN-ADDR.ARPA",
                "10.122.168.192.In-Addr.Arpa.",
        };
        char text[ADDRESS_TEXT_MAX];
        Address address;

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                ck_assert(dns_reverse_parse(names[i], &address));
                ck_assert_str_eq(address_format(&address, text), "192.168.122.10");
        }
        ck_assert(dns_reverse_parse("B.A.9.8." ZEROS_28 "IP6.ARPA.", &address));
        ck_assert_str_eq(address_format(&address, text), "::89ab");
}
END_TEST

static const char *const no_reverse_names[] = {
        "",
        ".",
        "web1",
        "in-addr.arpa",
        ".in-addr.arpa",
        "192.in-addr.arpa",
        "122.168.192.in-addr.arpa",
        "1.10.122.168.192.in-addr.arpa",
        "256.122.168.192.in-addr.arpa",
        "010.122.168.192.in-addr.arpa",
        "-1.122.168.192.in-addr.arpa",
        "+1.122.168.192.in-addr.arpa",
        " 10.122.168.192.in-addr.arpa",
        "10.122.168.192%virbr0.in-addr.arpa",
        "0-25.122.168.192.in-addr.arpa",
        "10..168.192.in-addr.arpa",
        "10.122.168.192..in-addr.arpa",
        "10.122.168.192.in-addr.arpa..",
        "10.122.168.192.in-addr.arpax",
        "10.122.168.192xin-addr.arpa",
        "::1.in-addr.arpa",
        "ip6.arpa",
        ".ip6.arpa",
        "1.ip6.arpa",
        ZEROS_28 "0.0.0.ip6.arpa",
        ZEROS_28 "0.0.0.0.0.ip6.arpa",
        ZEROS_28 "0.0.0.g.ip6.arpa",
        ZEROS_28 "0.0.0.-.ip6.arpa",
        ZEROS_28 "0.0.00..ip6.arpa",
        "0x" ZEROS_28 "0.0.0.ip6.arpa",
        ZEROS_28 "0.0.0.0.ip6.int",
        ZEROS_28 "0.0.0.0.in-addr.arpa",
        N253 ".in-addr.arpa",
};

START_TEST(test_no_reverse) {
        static const Address before = { .family = AF_INET, .bytes = { 1, 2, 3, 4 } };
        Address address = before;

        ck_assert_msg(!dns_reverse_parse(no_reverse_names[_i], &address), "%s", no_reverse_names[_i]);
        ck_assert_int_eq(address_compare(&address, &before), 0);
}
END_TEST

static void assert_bytes(const uint8_t *bytes, size_t n, const char *wanted, size_t n_wanted) {
        ck_assert_uint_eq(n, n_wanted);
        ck_assert_mem_eq(bytes, wanted, n);
}

START_TEST(test_address_record) {
        static const char a[] = "\4WeB1\0\0\1\0\1\0\0\0\5\0\4\xc0\xa8\x7a\x0a";
        static const char aaaa[] =
                        "\4web1\3lab\0\0\x1c\0\1\1\2\3\4\0\x10\xfd\0\1\x50\0\0\0\0\0\0\0\0\0\0\1\x5f";
        uint8_t record[DNS_RECORD_MAX];
        Address address;
        size_t n;

        ck_assert_int_eq(address_parse("192.168.122.10", &address), 0);
        n = dns_address_record("WeB1", &address, 5, record);
        assert_bytes(record, n, a, sizeof(a) - 1);
        n = dns_address_record("WeB1.", &address, 5, record);
        assert_bytes(record, n, a, sizeof(a) - 1);

        ck_assert_int_eq(address_parse("fd00:150::15f", &address), 0);
        n = dns_address_record("web1.lab.", &address, 0x01020304, record);
        assert_bytes(record, n, aaaa, sizeof(aaaa) - 1);
}
END_TEST

START_TEST(test_pointer_record) {
        static const char pointer[] =
                        "\2""10\3""122\3""168\3""192\7in-addr\4arpa\0\0\x0c\0\1\0\0\0\0\0\6\4web1\0";
        uint8_t record[DNS_RECORD_MAX];

        assert_bytes(record, dns_pointer_record("10.122.168.192.in-addr.arpa", "web1", 0, record), pointer,
                        sizeof(pointer) - 1);
}
END_TEST

/* The longest name there is fits, as owner and as target; one byte more is no name. */
START_TEST(test_record_limits) {
        static const char *const bad[] = { "", ".", "..", ".web1", "web1..", "a..b", "a" L63, "a" L63 ".b",
                        N253 "a" };
        uint8_t record[DNS_RECORD_MAX];
        Address address;

        ck_assert_int_eq(address_parse("192.168.122.10", &address), 0);
        ck_assert_uint_eq(dns_pointer_record(N253, N253 ".", 1, record), 255 + 10 + 255);
        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                ck_assert_msg(dns_address_record(bad[i], &address, 1, record) == 0, "\"%s\"", bad[i]);
                ck_assert_uint_eq(dns_pointer_record(bad[i], "web1", 1, record), 0);
                ck_assert_uint_eq(dns_pointer_record("web1", bad[i], 1, record), 0);
        }
}
END_TEST

int main(void) {
        TCase *tests = unit_case("dns");

        tcase_add_loop_test(tests, test_reverse, 0, ELEMENTS(reverse_names));
        tcase_add_test(tests, test_reverse_spelt);
        tcase_add_loop_test(tests, test_no_reverse, 0, ELEMENTS(no_reverse_names));
        tcase_add_test(tests, test_address_record);
        tcase_add_test(tests, test_pointer_record);
        tcase_add_test(tests, test_record_limits);
        return unit_run("dns", tests);
}
