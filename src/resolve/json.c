/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * JSON documents on standard output.
 */

#include "resolve/json.h"

#include <stdint.h>
#include <string.h>

#include "util/text.h"

int json_mode_from_text(const char *text, JsonMode *ret) {
        static const char *const modes[] = {
                [JSON_OFF] = "off",
                [JSON_SHORT] = "short",
                [JSON_PRETTY] = "pretty",
        };

        for (size_t i = 0; i < ELEMENTS(modes); i++)
                if (strcmp(text, modes[i]) == 0) {
                        *ret = (JsonMode) i;
                        return 0;
                }
        return -EINVAL;
}

/* Outside of strings a dump holds none of these, and jansson has escaped C0 in them. */
static void print_escaped(FILE *file, const char *dump) {
        for (const uint8_t *p = (const uint8_t *) dump; *p; p++)
                if (*p == 0x7f)
                        fputs("\\u007F", file);
                else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
                        fprintf(file, "\\u%04X", *++p);
                else
                        putc(*p, file);
}

int json_print(FILE *file, const json_t *value, JsonMode mode) {
        _cleanup_(freep) char *dump = NULL;

        dump = json_dumps(value, mode == JSON_PRETTY ? JSON_INDENT(8) : JSON_COMPACT);
        if (!dump)
                return -ENOMEM;
        print_escaped(file, dump);
        putc('\n', file);
        return ferror(file) ? -EIO : 0;
}

const char *json_text(const json_t *object, const char *key) {
        return json_string_value(json_object_get(object, key));
}

json_int_t json_number(const json_t *object, const char *key) {
        return json_integer_value(json_object_get(object, key));
}

json_t *json_from_text(const char *text) {
        _cleanup_(freep) char *buffer = NULL;
        json_t *string = json_string(text);

        if (string)
                return string;
        buffer = malloc(4 * strlen(text) + 4);
        return buffer ? json_string(text_escape(text, buffer, 4 * strlen(text) + 4)) : NULL;
}
