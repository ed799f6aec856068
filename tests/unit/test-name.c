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
        { "localhos.t", false },         { "web1.localhost.org", false }, { "_", false },
        { "_x", false },                 { "_gateway", true },           { "_dns._udp", false },
        { "_outbound", true },           { "_localdnsstub", true },      { "_localdnsproxy", true },
        { "_gateway.lan", true },        { "_gateways", false },         { "x._gateway", false },
        { "x_", false },                 { "x._y", false },              { "ip6-", true },
        { "ip6-localhost", true },       { "ip6-web", true },            { "ip6", false },
        { "ip6.web", false },            { "wpad", true },               { "wpad.lab.example", true },
        { "wpadx", false },              { "xwpad", false },             { "web.wpad", false },
        { "isatap", true },              { "isatap.x", true },           { "isatap1", false },
        { "web1", false },               { "", false },                  { ".", false },
};

/* What inet_aton() takes for an address, to its end. */
static const struct {
        const char *name;
        bool is;
} numbers[] = {
        { "1", true },             { "2130706433", true },     { "4294967295", true },
        { "4294967296", false },   { "0x7f000001", true },     { "0x7f.1", true },
        { "017700000001", true },  { "127.1", true },          { "127.0.1", true },
        { "10.9.8.7", true },      { "10.9.8.7.6", false },    { "10.9.8.256", false },
        { "10.9.8.7.web", false }, { "1a", false },            { "0xfg", false },
        { "08", false },           { "3 web servers", false }, { "3\n", false },
        { "3\v4", false },         { "1-2", false },           { "a1", false },
        { "web1", false },         { "", false },              { "-1", false },
        { "+1", false },           { " 1", false },
};

START_TEST(test_numbers) {
        ck_assert_msg(name_is_address(numbers[_i].name) == numbers[_i].is, "%s", numbers[_i].name);
        ck_assert_msg(name_is_reserved(numbers[_i].name) == numbers[_i].is, "%s", numbers[_i].name);
}
END_TEST

START_TEST(test_reserved) {
        ck_assert_msg(name_is_reserved(reserved[_i].name) == reserved[_i].is, "%s", reserved[_i].name);
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
        tcase_add_loop_test(tcase, test_numbers, 0, ELEMENTS(numbers));
        return unit_run("name", tcase);
}
