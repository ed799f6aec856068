/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IP and MAC addresses, as lease files spell them and as they mustn't.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "util/address.h"
#include "unit.h"
#include "util/util.h"

static const struct {
        const char *text;
        const char *expected; /* NULL: refused */
} addresses[] = {
        { "192.168.122.7", "192.168.122.7" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "fd00:150::15f", "fd00:150::15f" },
        { "FD00:150:0:0:0:0:0:15F", "fd00:150::15f" },
        { "::", "::" },
        { "::ffff:192.168.122.7", "::ffff:192.168.122.7" },
        { "fe80::5054:ff:fe12:1", "fe80::5054:ff:fe12:1" },
        { "fe80::7%virbr0", "fe80::7" },
        { "fe80::7%3", "fe80::7" },
        { "fe80::7%a scope that is longer than any address could ever be, or any interface", "fe80::7" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "", NULL },
        { " 192.168.122.7", NULL },
        { "192.168.122.7 ", NULL },
        { "192.168.122", NULL },
        { "192.168.122.256", NULL },
        { "192.168.122.7.1", NULL },
        { "192.168.122.07", NULL },
        { "192.168.122.7/24", NULL },
        { "192.168.122.7%virbr0", NULL },
        { "0xc0a87a07", NULL },
        { "3232266759", NULL },
        { "fe80::7%", NULL },
        { "%virbr0", NULL },
        { "%", NULL },
        { "fe80::7::1", NULL },
        { "fe80:::7", NULL },
        { "[fe80::7]", NULL },
        { "fd00::15f/64", NULL },
        { "00000000000000000000000000000000000000000000000000000000000000::1", NULL },
        { "web1", NULL },
};

START_TEST(test_address) {
        Address address, untouched;
        char buffer[ADDRESS_TEXT_MAX];
        int r;

        memset(&address, 0xa5, sizeof(address));
        untouched = address;
        r = address_parse(addresses[_i].text, &address);

        if (addresses[_i].expected) {
                ck_assert_int_eq(r, 0);
                ck_assert_str_eq(address_format(&address, buffer), addresses[_i].expected);
                for (size_t i = address_length(address.family); i < sizeof(address.bytes); i++)
                        ck_assert_uint_eq(address.bytes[i], 0);
        } else {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_mem_eq(&address, &untouched, sizeof(address));
        }
}
END_TEST

START_TEST(test_address_length) {
        Address unknown = { .family = AF_UNIX };
        char buffer[ADDRESS_TEXT_MAX];

        ck_assert_uint_eq(address_length(AF_INET), 4);
        ck_assert_uint_eq(address_length(AF_INET6), 16);
        ck_assert_uint_eq(address_length(AF_UNSPEC), 0);
        ck_assert_uint_eq(address_length(-1), 0);
        ck_assert_str_eq(address_format(&unknown, buffer), "");
}
END_TEST

START_TEST(test_address_compare) {
        static const char *const sorted[] = {
                "0.0.0.0", "10.0.0.1", "10.0.0.2", "192.168.122.7", "255.255.255.255",
                "::", "::1", "0a00:1::", "fd00::1", "fe80::",
        };

        for (size_t i = 0; i < ELEMENTS(sorted); i++)
                for (size_t j = 0; j < ELEMENTS(sorted); j++) {
                        Address a, b;
                        int c;

                        ck_assert_int_eq(address_parse(sorted[i], &a), 0);
                        ck_assert_int_eq(address_parse(sorted[j], &b), 0);
                        c = address_compare(&a, &b);
                        ck_assert_int_eq((c > 0) - (c < 0), (i > j) - (i < j));
                }
}
END_TEST

static const struct {
        const char *text;
        const char *expected; /* NULL: refused */
} macs[] = {
        { "52:54:00:aa:00:01", "52:54:00:aa:00:01" },
        { "52:54:00:AA:00:01", "52:54:00:aa:00:01" },
        { "52-54-00-aA-00-01", "52:54:00:aa:00:01" },
        { "52:54:0:aa:0:1", "52:54:00:aa:00:01" },
        { "01-52:54:00:aa:00:01", "52:54:00:aa:00:01" },
        { "20-52:54:00:aa:00:01", "52:54:00:aa:00:01" },
        { "01-52-54-00-aa-00-01", "52:54:00:aa:00:01" },
        { "", NULL },
        { "52", NULL },
        { "52:54:00:aa:00", NULL },
        { "52:54:00:aa:00:", NULL },
        { "52:54:00:aa:00:01:", NULL },
        { "52:54:00:aa:00:01:02", NULL },
        { "01:52:54:00:aa:00:01", NULL },
        { "01-52:54:00:aa:00", NULL },
        { "01-20-52:54:00:aa:00:01", NULL },
        { "001-52:54:00:aa:00:01", NULL },
        { "-52:54:00:aa:00:01", NULL },
        { "52:54:00-aa:00:01", NULL },
        { "52:54:00:aa:00:0g", NULL },
        { "52:54:00:aa:00:0011", NULL },
        { "52::00:aa:00:01", NULL },
        { " 52:54:00:aa:00:01", NULL },
        { "52:54:00:aa:00:01 ", NULL },
        { "525400aa0001", NULL },
        { "5254.00aa.0001", NULL },
        { "0x52:54:00:aa:00:01", NULL },
        { "+2:54:00:aa:00:01", NULL },
        { "-", NULL },
        { "01-", NULL },
};

START_TEST(test_mac) {
        MacAddress mac, untouched;
        char buffer[MAC_TEXT_MAX];
        int r;

        memset(&mac, 0xa5, sizeof(mac));
        untouched = mac;
        r = mac_parse(macs[_i].text, &mac);

        if (macs[_i].expected) {
                ck_assert_int_eq(r, 0);
                ck_assert_str_eq(mac_format(&mac, buffer), macs[_i].expected);
        } else {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_mem_eq(&mac, &untouched, sizeof(mac));
        }
}
END_TEST

static const struct {
        const char *text;
        bool guests, link_local;
} guests[] = {
        { "192.168.122.7", true, false },
        { "10.0.0.1", true, false },
        { "1.0.0.0", true, false },
        { "126.255.255.255", true, false },
        { "128.0.0.0", true, false },
        { "169.254.0.1", true, false },
        { "223.255.255.255", true, false },
        { "0.0.0.0", false, false },
        { "0.1.2.3", false, false },
        { "127.0.0.1", false, false },
        { "127.255.255.255", false, false },
        { "224.0.0.1", false, false },
        { "239.255.255.255", false, false },
        { "240.0.0.1", false, false },
        { "255.255.255.255", false, false },
        { "fd00::7", true, false },
        { "2001:db8::1", true, false },
        { "0:0:0:0:1::", true, false },
        { "fe80::7", true, true },
        { "febf::7", true, true },
        { "fec0::7", true, false },
        { "fe7f::7", true, false },
        { "::", false, false },
        { "::1", false, false },
        { "::127.0.0.1", false, false },
        { "::ffff:127.0.0.1", false, false },
        { "::ffff:10.0.0.1", false, false },
        { "::1:0:0:1", true, false },
        { "ff02::1", false, false },
        { "ff0e::1", false, false },
};

START_TEST(test_guests) {
        int family = strchr(guests[_i].text, ':') ? AF_INET6 : AF_INET;
        uint8_t bytes[16] = { 0 };

        ck_assert_int_eq(inet_pton(family, guests[_i].text, bytes), 1);
        ck_assert_msg(address_is_guests(family, bytes) == guests[_i].guests, "%s", guests[_i].text);
        ck_assert_msg(address_is_link_local(family, bytes) == guests[_i].link_local, "%s", guests[_i].text);
}
END_TEST

START_TEST(test_guests_family) {
        const uint8_t bytes[16] = { 0xfe, 0x80, 1, 2 };

        ck_assert(!address_is_guests(AF_UNSPEC, bytes));
        ck_assert(!address_is_guests(AF_UNIX, bytes));
        ck_assert(!address_is_link_local(AF_INET, bytes));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("address");

        tcase_add_loop_test(tcase, test_address, 0, ELEMENTS(addresses));
        tcase_add_test(tcase, test_address_length);
        tcase_add_test(tcase, test_address_compare);
        tcase_add_loop_test(tcase, test_mac, 0, ELEMENTS(macs));
        tcase_add_loop_test(tcase, test_guests, 0, ELEMENTS(guests));
        tcase_add_test(tcase, test_guests_family);
        return unit_run("address", tcase);
}
