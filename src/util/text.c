/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text of others, made fit to be shown.
 */

#include "util/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/utf8.h"

/* The length of the character at p where it may be shown as it is, else 0. */
static size_t character_printable(const uint8_t *p) {
        size_t n = utf8_sequence(p);

        if (n == 1)
                return p[0] >= 0x20 && p[0] != 0x7f && p[0] != '\\';
        if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) /* U+0080 to U+009F */
                return 0;
        return n;
}

const char *text_escape(const char *text, char *buffer, size_t size) {
        char *end = buffer + size - 1, *out = buffer, *cut = buffer;

        for (const uint8_t *p = (const uint8_t *) text; *p;) {
                size_t n = character_printable(p);

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
