/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Escaping text from others before it is shown.
 */

#include "util/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/utf8.h"
#include "util/util.h"

/* Controls, U+2028 and U+2029, the three annotation characters from U+FFF9 on, and all characters with the
 * property Default_Ignorable_Code_Point. */
static const struct {
        uint32_t first, last;
} invisible[] = {
        { 0x0000, 0x001f },
        { 0x007f, 0x009f },
        { 0x00ad, 0x00ad },
        { 0x034f, 0x034f },
        { 0x061c, 0x061c },
        { 0x115f, 0x1160 },
        { 0x17b4, 0x17b5 },
        { 0x180b, 0x180f },
        { 0x200b, 0x200f },
        { 0x2028, 0x202e },
        { 0x2060, 0x206f },
        { 0x3164, 0x3164 },
        { 0xfe00, 0xfe0f },
        { 0xfeff, 0xfeff },
        { 0xffa0, 0xffa0 },
        { 0xfff0, 0xfffb },
        { 0x1bca0, 0x1bca3 },
        { 0x1d173, 0x1d17a },
        { 0xe0000, 0xe0fff },
};

bool text_is_invisible(uint32_t character) {
        for (size_t i = 0; i < ELEMENTS(invisible); i++)
                if (character <= invisible[i].last)
                        return character >= invisible[i].first;
        return false;
}

/* The length of the character at p if it needs no escape; else 0. */
static size_t character_showable(const uint8_t *p) {
        uint32_t character = 0;
        size_t n = utf8_character(p, &character);

        return text_is_invisible(character) ? 0 : n;
}

const char *text_escape(const char *text, char *buffer, size_t size) {
        char *end = buffer + size - 1, *out = buffer, *cut = buffer;

        for (const uint8_t *p = (const uint8_t *) text; *p;) {
                size_t n = character_showable(p);

                if (end - out >= 3)
                        cut = out;
                if (end - out < (ptrdiff_t) (n > 0 ? n : 4)) {
                        out = stpcpy(cut, "...");
                        break;
                }
                if (n > 0) {
                        memcpy(out, p, n);
                        out += n;
                        p += n;
                } else
                        out += sprintf(out, "\\x%02x", *p++);
        }
        *out = '\0';
        return buffer;
}
