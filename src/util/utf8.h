/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * UTF-8, one character at a time.  libc only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* U+FDD0 to U+FDEF, and the last two of each plane: no characters, and sd-bus takes no string that has
 * one.  p: a sequence of three bytes or four. */
static inline bool utf8_is_noncharacter(const uint8_t *p) {
        if (p[0] == 0xef && p[1] == 0xb7)
                return p[2] >= 0x90 && p[2] <= 0xaf;
        if (p[0] == 0xef)
                return p[1] == 0xbf && p[2] >= 0xbe;
        return p[0] >= 0xf0 && (p[1] & 0x0f) == 0x0f && p[2] == 0xbf && p[3] >= 0xbe;
}

/* The length of the character at p, of a string's bytes: 1 to 4, or 0 where it isn't one (RFC 3629:
 * shortest form, no surrogates, nothing beyond U+10FFFF; no noncharacters). */
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
                return utf8_is_noncharacter(p) ? 0 : 3;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) || (p[3] & 0xc0) != 0x80)
                return 0;
        return utf8_is_noncharacter(p) ? 0 : 4;
}

/* Whether a string is such characters all through: what D-Bus carries. */
static inline bool utf8_is_text(const char *text) {
        for (const uint8_t *p = (const uint8_t *) text; *p;) {
                size_t n = utf8_sequence(p);

                if (n == 0)
                        return false;
                p += n;
        }
        return true;
}
