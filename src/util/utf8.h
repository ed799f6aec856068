/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * UTF-8, one character at a time.  libc only.
 */

#include <stddef.h>
#include <stdint.h>

/* The length of the sequence at p, of a string's bytes: 1 to 4, or 0 where it isn't one (RFC 3629:
 * shortest form, no surrogates, nothing beyond U+10FFFF). */
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
                return 3;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) || (p[3] & 0xc0) != 0x80)
                return 0;
        return 4;
}
