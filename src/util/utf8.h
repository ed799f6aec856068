/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * UTF-8, one character at a time.  libc only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a sequence of 3 or 4 bytes is one of Unicode's non-characters: U+FDD0 to U+FDEF, and the last two
 * of each plane. */
static inline bool utf8_is_noncharacter(const uint8_t *p, size_t n) {
        if (n == 3 && p[0] == 0xef && p[1] == 0xb7 && p[2] >= 0x90 && p[2] <= 0xaf)
                return true;
        return p[n - 1] >= 0xbe && p[n - 2] == 0xbf && (n == 3 ? p[0] == 0xef : (p[1] & 0x0f) == 0x0f);
}

/* The length of the sequence at p in a string: 1 to 4, or 0 if a D-Bus string can't carry it.  Valid
 * sequences are those of RFC 3629 (shortest form, no surrogates, nothing beyond U+10FFFF) except
 * non-characters. */
static inline size_t utf8_sequence(const uint8_t *p) {
        if (p[0] < 0x80)
                return 1;
        if (p[0] < 0xc2 || p[0] > 0xf4 || (p[1] & 0xc0) != 0x80)
                return 0;
        if (p[0] < 0xe0)
                return 2;
        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[2] & 0xc0) != 0x80)
                return 0;
        if (p[0] < 0xf0)
                return utf8_is_noncharacter(p, 3) ? 0 : 3;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) || (p[3] & 0xc0) != 0x80)
                return 0;
        return utf8_is_noncharacter(p, 4) ? 0 : 4;
}

/* Whether a D-Bus string can carry the string. */
static inline bool utf8_is_string(const char *s) {
        size_t n = 1;

        for (const uint8_t *p = (const uint8_t *) s; *p && n > 0; p += n)
                n = utf8_sequence(p);
        return n > 0;
}

/* As utf8_sequence(), and decodes the character. */
static inline size_t utf8_character(const uint8_t *p, uint32_t *ret) {
        static const uint8_t masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
        size_t n = utf8_sequence(p);
        uint32_t c = p[0] & masks[n];

        for (size_t i = 1; i < n; i++)
                c = c << 6 | (p[i] & 0x3f);
        if (n > 0)
                *ret = c;
        return n;
}
