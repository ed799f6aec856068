/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text of others, made fit to be shown.
 */

#include <stdio.h>
#include <string.h>

#include "names/name.h"
#include "unit.h"
#include "util/text.h"
#include "util/util.h"

static const struct {
        const char *text, *shown;
} texts[] = {
        { "", "" },
        { "web1", "web1" },
        { " ~", " ~" },
        { "\x1b[31m", "\\x1b[31m" },
        { "\x01\t\n\r\x1f\x7f", "\\x01\\x09\\x0a\\x0d\\x1f\\x7f" },
        { "a\\b", "a\\x5cb" },
        { "\\x41", "\\x5cx41" },
        { "\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f" }, /* C1: CSI, among them */
        { "\xc2\xa0", "\xc2\xa0" },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "\xc3", "\\xc3" },
        { "\xe2\x82", "\\xe2\\x82" },
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
        { "\xc0\x9b", "\\xc0\\x9b" },
        { "a\xef\xbf\xbf", "a\\xef\\xbf\\xbf" }, /* sd-bus would refuse it */
        { "\x9b" "31m", "\\x9b" "31m" },
};

START_TEST(test_escape) {
        char buffer[64];

        ck_assert_ptr_eq(text_escape(texts[_i].text, buffer, sizeof(buffer)), buffer);
        ck_assert_str_eq(buffer, texts[_i].shown);
}
END_TEST

/* What fits is never cut, and what doesn't is cut between two characters. */
static const struct {
        size_t size;
        const char *text, *shown;
} cuts[] = {
        { 4, "", "" },
        { 4, "a", "a" },
        { 4, "abc", "abc" },
        { 4, "abcd", "..." },
        { 4, "\x1b", "..." },
        { 5, "abcd", "abcd" },
        { 5, "abcde", "a..." },
        { 5, "\x1b", "\\x1b" },
        { 8, "abcdefg", "abcdefg" },
        { 8, "abcdefgh", "abcd..." },
        { 8, "abc\x1b", "abc\\x1b" },
        { 8, "abcd\x1b", "abcd..." },
        { 8, "abc\xf0\x9f\x98\x80", "abc\xf0\x9f\x98\x80" },
        { 8, "abc\xf0\x9f\x98\x80" "d", "abc..." },
        { 8, "abcdef\xc3\xa9", "abcd..." },
        { 8, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", "\xe2\x82\xac..." },
};

START_TEST(test_cut) {
        _cleanup_(freep) char *buffer = malloc(cuts[_i].size);

        ck_assert_ptr_nonnull(buffer);
        ck_assert_str_eq(text_escape(cuts[_i].text, buffer, cuts[_i].size), cuts[_i].shown);
}
END_TEST

/* Any bytes in any room: a string of that size at most, without a control character. */
START_TEST(test_noise) {
        unsigned seed = 1;

        for (unsigned n = 0; n < 5000; n++) {
                size_t size = 4 + n % 40, length = n % 37;
                _cleanup_(freep) char *buffer = malloc(size), *text = calloc(1, length + 1);

                ck_assert(buffer && text);
                for (size_t i = 0; i < length; i++) {
                        seed = seed * 1103515245 + 12345;
                        text[i] = (char) MAX2(seed >> 24, 1U);
                }
                (void) text_escape(text, buffer, size);
                ck_assert_uint_lt(strnlen(buffer, size), size);
                ck_assert(name_is_utf8(buffer));
                for (const char *p = buffer; *p; p++) {
                        ck_assert((unsigned char) *p >= 0x20 && *p != 0x7f);
                        ck_assert(*p != '\xc2' || (unsigned char) p[1] >= 0xa0);
                }
        }
}
END_TEST

/* Every name has room, however much of it is escaped. */
START_TEST(test_name) {
        char name[NAME_SIZE], buffer[TEXT_NAME_SIZE];

        memset(name, '\x1b', sizeof(name));
        name[NAME_LENGTH_MAX] = '\0';
        ck_assert_uint_eq(strlen(text_escape(name, buffer, sizeof(buffer))), 4 * NAME_LENGTH_MAX);
        ck_assert(!strstr(buffer, "..."));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("text");

        tcase_add_loop_test(tcase, test_escape, 0, ELEMENTS(texts));
        tcase_add_loop_test(tcase, test_cut, 0, ELEMENTS(cuts));
        tcase_add_test(tcase, test_noise);
        tcase_add_test(tcase, test_name);
        return unit_run("text", tcase);
}
