/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * JSON documents on standard output.
 */

#include "cli/json.h"

#include <stdint.h>
#include <string.h>

#include "source/json-memory.h"
#include "util/text.h"
#include "util/utf8.h"

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

/* Outside of strings a dump has no invisible characters except line ends, and jansson has escaped C0 in
 * strings. */
static void print_escaped(FILE *file, const char *dump) {
        uint32_t c = 0;
        size_t n;

        for (const uint8_t *p = (const uint8_t *) dump; (n = utf8_character(p, &c)) > 0 && c != 0; p += n)
                if (c == '\n' || !text_is_invisible(c))
                        (void) fwrite(p, 1, n, file);
                else if (c < 0x10000)
                        fprintf(file, "\\u%04X", c);
                else
                        fprintf(file, "\\u%04X\\u%04X", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

int json_print(FILE *file, const json_t *value, JsonMode mode) {
        const JsonMemory process_start = { 0 };
        _cleanup_(freep) char *dump = NULL;

        dump = json_dumps(value, mode == JSON_PRETTY ? JSON_INDENT(8) : JSON_COMPACT);
        if (!dump || json_memory_failed(process_start))
                return -ENOMEM; /* the value, or the dump, may be incomplete */
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
