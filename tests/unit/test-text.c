/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text of others, made fit to be shown.
 */

#include <stdio.h>
#include <string.h>

#include "names/name.h"
#include "unit.h"
#include "util/text.h"
#include "util/utf8.h"
#include "util/util.h"

static const struct {
        const char *text, *shown;
} texts[] = {
        { "", "" },
        { "web1", "web1" },
        { " ~", " ~" },
        { "\x1b[31m", "\\x1b[31m" },
        { "\x01\t\n\r\x1f\x7f", "\\x01\\x09\\x0a\\x0d\\x1f\\x7f" },
        { "a\\b", "a\\b" },
        { "\\x1b", "\\x1b" }, /* as it comes out, it stays */
        { "\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f" }, /* C1: CSI, among them */
        { "\xc2\xa0", "\xc2\xa0" },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "\xc3", "\\xc3" },
        { "\xe2\x82", "\\xe2\\x82" },
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
        { "\xc0\x9b", "\\xc0\\x9b" },
        { "a\xef\xbf\xbf", "a\\xef\\xbf\\xbf" }, /* not a character */
        { "\x9b" "31m", "\\x9b" "31m" },
        { "gpj\xe2\x80\xaetxt", "gpj\\xe2\\x80\\xaetxt" },               /* right to left */
        { "a\xe2\x80\xa8" "b", "a\\xe2\\x80\\xa8" "b" },                 /* a line separator */
        { "we\xe2\x80\x8d" "b", "we\\xe2\\x80\\x8d" "b" },               /* a joiner */
        { "a\xf3\xa0\x81\xa1", "a\\xf3\\xa0\\x81\\xa1" },               /* a tag */
        { "\xe0\xa4\x95\xe0\xa5\x8d", "\xe0\xa4\x95\xe0\xa5\x8d" },     /* ka, virama */
        { "\xd7\xa9\xd8\xb4", "\xd7\xa9\xd8\xb4" },                     /* shin, sheen */
};

START_TEST(test_escape) {
        char buffer[64];

        ck_assert_ptr_eq(text_escape(texts[_i].text, buffer, sizeof(buffer)), buffer);
        ck_assert_str_eq(buffer, texts[_i].shown);
}
END_TEST

static const struct {
        uint32_t first, last;
        bool invisible;
} characters[] = {
        { 0x0000, 0x001f, true },   { 0x0020, 0x007e, false },  { 0x007f, 0x009f, true },
          { 0x00a0, 0x00ac, false },
        { 0x00ad, 0x00ad, true },   { 0x00ae, 0x034e, false },  { 0x034f, 0x034f, true },
          { 0x061b, 0x061b, false },
        { 0x061c, 0x061c, true },   { 0x0621, 0x064a, false },  { 0x200a, 0x200a, false },
          { 0x200b, 0x200f, true },
        { 0x2010, 0x2027, false },  { 0x2028, 0x202e, true },   { 0x202f, 0x205f, false },
          { 0x2060, 0x206f, true },
        { 0x2070, 0x2070, false },  { 0xfe0f, 0xfe0f, true },   { 0xfe10, 0xfefe, false },
          { 0xfeff, 0xfeff, true },
        { 0xfff9, 0xfffb, true },   { 0xfffc, 0xffff, false },  { 0x1f600, 0x1f64f, false },
        { 0xe0001, 0xe0001, true }, { 0xe0020, 0xe007f, true }, { 0xe0fff, 0xe0fff, true },
          { 0xe1000, 0x10ffff, false },
};

START_TEST(test_invisible) {
        for (uint32_t c = characters[_i].first; c <= characters[_i].last; c++)
                ck_assert_msg(text_is_invisible(c) == characters[_i].invisible, "U+%04X", c);
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

/* Any bytes in any room: a string of that size at most, without an invisible character, which stays as it
 * is when it is escaped again. */
START_TEST(test_noise) {
        unsigned seed = 1;

        for (unsigned n = 0; n < 5000; n++) {
                size_t size = 4 + n % 40, length = n % 37;
                _cleanup_(freep) char *buffer = malloc(size), *text = calloc(1, length + 1);
                char again[64];

                ck_assert(buffer && text);
                for (size_t i = 0; i < length; i++) {
                        seed = seed * 1103515245 + 12345;
                        text[i] = (char) MAX2(seed >> 24, 1U);
                }
                (void) text_escape(text, buffer, size);
                ck_assert_uint_lt(strnlen(buffer, size), size);
                ck_assert(utf8_is_string(buffer));
                for (const uint8_t *p = (const uint8_t *) buffer; *p;) {
                        uint32_t c = 0;

                        p += utf8_character(p, &c);
                        ck_assert(!text_is_invisible(c));
                }
                ck_assert_str_eq(text_escape(buffer, again, sizeof(again)), buffer);
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
        { "\xed\x9f\xbf\xee\x80\x80", true },
        { "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xf5\x80\x80\x80", false },
        { "\xed\xa0\x80", false },     /* a surrogate */
        { "\xef\xb7\x8f\xef\xb7\xb0\xef\xbf\xbd", true },
        { "\xef\xb7\x90", false },     /* U+FDD0 to U+FDEF are no characters */
        { "\xef\xb7\xa0", false },
        { "\xef\xb7\xaf", false },
        { "\xef\xbf\xbe", false },     /* nor are the last two of each plane */
        { "web1\xef\xbf\xbf", false },
        { "\xf0\x9f\xbf\xbd\xf0\xa0\xbf\xbe\xf0\x9f\xbe\xbf", true },
        { "\xf0\x9f\xbf\xbe", false },
        { "\xf0\x9f\xbf\xbf", false },
        { "\xf4\x8f\xbf\xbe", false },
        { "\xf4\x8f\xbf\xbf", false },
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
        ck_assert_msg(utf8_is_string(utf8[_i].text) == utf8[_i].is, "row %d", _i);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("text");

        tcase_add_loop_test(tcase, test_escape, 0, ELEMENTS(texts));
        tcase_add_loop_test(tcase, test_invisible, 0, ELEMENTS(characters));
        tcase_add_loop_test(tcase, test_cut, 0, ELEMENTS(cuts));
        tcase_add_test(tcase, test_noise);
        tcase_add_test(tcase, test_name);
        tcase_add_loop_test(tcase, test_utf8, 0, ELEMENTS(utf8));
        return unit_run("text", tcase);
}
