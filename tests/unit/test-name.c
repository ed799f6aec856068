/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a name is, what no guest may be called, and which addresses are guests'.
 */

#include <arpa/inet.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "names/name.h"
#include "unit.h"
#include "util/util.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define N253 L63 "." L63 "." L63 "." L61
#define N255 N253 "aa"

static const struct {
        const char *name, *folded;
} folds[] = {
        { "web1", "web1" },
        { "WEB1", "web1" },
        { "AZaz09[`{@", "azaz09[`{@" },
        { "web1.", "web1" },
        { "Web1.Lab.Example.", "web1.lab.example" },
        { "web1..", "" },
        { ".", "" },
        { "..", "" },
        { "", "" },
        { "\xc3\x89", "\xc3\x89" }, /* É is no ASCII letter */
        { "Web Server.prod \"\xc3\xa9\"", "web server.prod \"\xc3\xa9\"" },
        { N255, N255 },
        { N255 ".", N255 },
        { N255 "a", "" },
        { N255 "..", "" },
        { N255 ".a", "" },
        { N255 N255, "" },
};

START_TEST(test_fold) {
        char buffer[NAME_SIZE];

        memset(buffer, 'x', sizeof(buffer));
        ck_assert_uint_eq(name_fold(folds[_i].name, buffer), strlen(folds[_i].folded));
        ck_assert_str_eq(buffer, folds[_i].folded);
}
END_TEST

START_TEST(test_equal) {
        ck_assert(name_equal("", ""));
        ck_assert(name_equal("Web1", "wEB1"));
        ck_assert(!name_equal("web1", "web"));
        ck_assert(!name_equal("web", "web1"));
        ck_assert(!name_equal("web1", "web2"));
        ck_assert(!name_equal("@", "`"));
        ck_assert(!name_equal("[", "{"));
}
END_TEST

/* In Turkish, the lower case of I is not i: nothing here may ask the locale. */
START_TEST(test_locale) {
        char buffer[NAME_SIZE];

        if (!setlocale(LC_ALL, "tr_TR.UTF-8") && !setlocale(LC_ALL, "tr_TR.iso88599"))
                (void) setlocale(LC_ALL, "C.UTF-8");
        ck_assert_uint_eq(name_fold("ISATAP", buffer), 6);
        ck_assert_str_eq(buffer, "isatap");
        ck_assert(name_is_reserved(buffer));
        ck_assert(name_equal("IP6-I", "ip6-i"));
        ck_assert(!name_is_hostname("\xe9"));
}
END_TEST

static const struct {
        const char *name;
        bool is;
} hostnames[] = {
        { "web1", true },          { "WEB1", true },           { "1", true },
        { "12345", true },         { "a-b", true },            { "under_score", true },
        { "a_", false },           { "_a", false },            { "-lead", false },
        { "trail-", false },       { "a--b", true },           { "xn--bcher-kva", true },
        { "a.b", true },           { "a.b.", false },          { ".a", false },
        { "a..b", false },         { ".", false },             { "", false },
        { "a.-b", false },         { "a.b_", false },          { "a b", false },
        { "a\tb", false },         { "a/b", false },           { "../a", false },
        { "a\nb", false },         { "\x1b[31m", false },      { "a\x7f", false },
        { "\xc3\xa9", false },     { "a:b", false },           { "a%b", false },
        { "a\"b", false },         { L63, true },              { L63 "a", false },
        { L63 ".a", true },        { N253, true },             { N253 "a", false },
        { "a." N253, false },
};

START_TEST(test_hostname) {
        ck_assert_msg(name_is_hostname(hostnames[_i].name) == hostnames[_i].is, "%s", hostnames[_i].name);
}
END_TEST

START_TEST(test_hostname_bytes) {
        for (int c = 1; c < 256; c++) {
                const char middle[] = { 'a', (char) c, 'a', '\0' };
                const char *good = "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

                ck_assert_msg(name_is_hostname(middle) == (strchr(good, c) != NULL), "byte %d", c);
        }
}
END_TEST

static const struct {
        const char *name;
        bool is;
} reserved[] = {
        { "localhost", true },           { "localhost4", true },         { "localhost.localdomain", true },
        { "localhostess", true },        { "web1.localhost", true },     { ".localhost", true },
        { "a.b.localhost", true },       { "xlocalhost", false },        { "localhos", false },
        { "localhos.t", false },         { "web1.localhost.org", false }, { "_", true },
        { "_x", true },                  { "_gateway", true },           { "_dns._udp", true },
        { "x_", false },                 { "x._y", false },              { "ip6-", true },
        { "ip6-localhost", true },       { "ip6-web", true },            { "ip6", false },
        { "ip6.web", false },            { "wpad", true },               { "wpad.lab.example", true },
        { "wpadx", false },              { "xwpad", false },             { "web.wpad", false },
        { "isatap", true },              { "isatap.x", true },           { "isatap1", false },
        { "web1", false },               { "", false },                  { ".", false },
};

START_TEST(test_reserved) {
        ck_assert_msg(name_is_reserved(reserved[_i].name) == reserved[_i].is, "%s", reserved[_i].name);
}
END_TEST

static const struct {
        const char *text;
        bool guests, link_local;
} addresses[] = {
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

START_TEST(test_address) {
        int family = strchr(addresses[_i].text, ':') ? AF_INET6 : AF_INET;
        uint8_t bytes[16] = { 0 };

        ck_assert_int_eq(inet_pton(family, addresses[_i].text, bytes), 1);
        ck_assert_msg(address_is_guests(family, bytes) == addresses[_i].guests, "%s", addresses[_i].text);
        ck_assert_msg(address_is_link_local(family, bytes) == addresses[_i].link_local, "%s", addresses[_i].text);
}
END_TEST

START_TEST(test_address_family) {
        const uint8_t bytes[16] = { 0xfe, 0x80, 1, 2 };

        ck_assert(!address_is_guests(AF_UNSPEC, bytes));
        ck_assert(!address_is_guests(AF_UNIX, bytes));
        ck_assert(!address_is_link_local(AF_INET, bytes));
}
END_TEST

static const struct {
        const char *text;
        bool is;
} utf8[] = {
        { "", true },
        { "web1", true },
        { "\x1b[31m\x7f", true },
        { "\xc3\xa9", true },
        { "\xe2\x82\xac", true },
        { "\xf0\x9f\x98\x80", true },
        { "\xf4\x8f\xbf\xbd", true },
        { "\xef\xb7\x8f\xef\xb7\xb0\xef\xbf\xbd", true },
        { "\xf0\x9f\xaf\xbd\xf0\x9e\xbf\xbe", true },
        { "\xef\xb7\x90", false },    /* noncharacters: U+FDD0 to U+FDEF, and the last two of a plane */
        { "\xef\xb7\xaf", false },
        { "\xef\xbf\xbe", false },
        { "\xef\xbf\xbf", false },
        { "\xf0\x9f\xbf\xbe", false },
        { "\xf4\x8f\xbf\xbf", false },
        { "\xed\x9f\xbf\xee\x80\x80", true },
        { "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xf5\x80\x80\x80", false },
        { "\xed\xa0\x80", false },     /* a surrogate */
        { "\xc0\x80", false },         /* not the shortest form */
        { "\xc1\xbf", false },
        { "\xe0\x9f\xbf", false },
        { "\xf0\x8f\xbf\xbf", false },
        { "\x80", false },
        { "\xff", false },
        { "\xc3", false },             /* cut short */
        { "\xe2\x82", false },
        { "\xf0\x9f\x98", false },
        { "\xc3(", false },
        { "\xe2\x82(", false },
        { "\xf0\x9f\x98(", false },
        { "web1\xff", false },
};

START_TEST(test_utf8) {
        ck_assert_msg(name_is_utf8(utf8[_i].text) == utf8[_i].is, "row %d", _i);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("name");

        tcase_add_loop_test(tcase, test_fold, 0, ELEMENTS(folds));
        tcase_add_test(tcase, test_equal);
        tcase_add_test(tcase, test_locale);
        tcase_add_loop_test(tcase, test_hostname, 0, ELEMENTS(hostnames));
        tcase_add_test(tcase, test_hostname_bytes);
        tcase_add_loop_test(tcase, test_reserved, 0, ELEMENTS(reserved));
        tcase_add_loop_test(tcase, test_address, 0, ELEMENTS(addresses));
        tcase_add_test(tcase, test_address_family);
        tcase_add_loop_test(tcase, test_utf8, 0, ELEMENTS(utf8));
        return unit_run("name", tcase);
}
