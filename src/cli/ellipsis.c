/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text that is cut off at a number of terminal columns.
 */

#include "cli/ellipsis.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "util/util.h"

#define ELLIPSIS "…"

/* The columns of the character at *p, which isn't the end; advances *p. */
static size_t character_columns(const char **p) {
        mbstate_t state = { 0 };
        wchar_t c;
        size_t n = mbrtowc(&c, *p, MB_LEN_MAX, &state);

        if (n == 0 || n > MB_LEN_MAX) { /* invalid in this locale */
                (*p)++;
                return 1;
        }
        *p += n;
        return (size_t) MAX2(wcwidth(c), 0);
}

size_t text_columns(const char *text) {
        size_t columns = 0;

        while (*text)
                columns += character_columns(&text);
        return columns;
}

char *text_ellipsize(const char *text, size_t columns) {
        const char *end = text;
        size_t taken = 0;
        char *cut;

        if (text_columns(text) <= columns)
                return strdup(text);
        for (const char *next = end; *end; end = next) {
                taken += character_columns(&next);
                if (taken >= columns)
                        break; /* the last column is for the ellipsis */
        }
        cut = malloc((size_t) (end - text) + sizeof(ELLIPSIS));
        if (!cut)
                return NULL;
        memcpy(cut, text, (size_t) (end - text));
        memcpy(cut + (end - text), ELLIPSIS, sizeof(ELLIPSIS));
        return cut;
}
