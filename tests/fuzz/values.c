/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A fuzzer's bytes as the values of a message.
 */

#include "values.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "names/name.h"
#include "util/utf8.h"

#define TEXT_SIZE 70000U
#define DEPTH_MAX 5U   /* of types inside types */
#define PENDING_MAX 64U /* more than what can follow in a signature once only basic types are chosen */

static const char basic_types[] = "yibstuxnqdogu"; /* no "h": no connection of ours takes descriptors */

typedef struct Signature {
        char *next;
        size_t left; /* bytes that may still be written, the last one's NUL not counted */
} Signature;

static void signature_add(Signature *s, char c) {
        *s->next++ = c;
        s->left--;
}

static void choose_basic_type(Signature *s, Input *in) {
        signature_add(s, basic_types[input_byte(in) % (sizeof(basic_types) - 1)]);
}

/* One complete type. */
static void choose_type(Signature *s, Input *in, unsigned depth) {
        uint8_t kind = depth < DEPTH_MAX && s->left >= PENDING_MAX ? input_byte(in) % 8 : 0;

        switch (kind) {
        case 1:
                signature_add(s, 'v');
                break;
        case 2:
                signature_add(s, 'a');
                choose_type(s, in, depth + 1);
                break;
        case 3:
                signature_add(s, '(');
                for (size_t n = 1 + input_byte(in) % 4U; n > 0; n--)
                        choose_type(s, in, depth + 1);
                signature_add(s, ')');
                break;
        case 4:
                signature_add(s, 'a');
                signature_add(s, '{');
                choose_basic_type(s, in);
                choose_type(s, in, depth + 1);
                signature_add(s, '}');
                break;
        default:
                choose_basic_type(s, in);
        }
}

const char *values_choose_signature(Input *in, char buffer[static SIGNATURE_SIZE]) {
        Signature s = { buffer, SIGNATURE_SIZE - 1 };

        for (size_t n = input_byte(in) % 8U; n > 0; n--)
                choose_type(&s, in, 0);
        *s.next = '\0';
        return buffer;
}

/* Behind the complete type that begins here. */
static const char *type_end(const char *type) {
        unsigned depth = 0;

        for (;; type++) {
                if (*type == '(' || *type == '{')
                        depth++;
                else if (*type == ')' || *type == '}')
                        depth--;
                if (*type != 'a' && depth == 0)
                        return type + 1;
        }
}

static const char *choose_text(Input *in) {
        static char text[TEXT_SIZE];

        input_text(in, text, sizeof(text));
        if (!utf8_is_string(text))
                for (char *c = text; *c; c++)
                        *c &= 0x7f;
        return text;
}

static const char *choose_path(Input *in) {
        static const char *const paths[] = { "/", "/org/libvirt/Resolve1", "/org/freedesktop/LogControl1",
                        "/a/_b/C9" };

        return paths[input_byte(in) % ELEMENTS(paths)];
}

static void append_basic(sd_bus_message *message, char type, Input *in) {
        static char signature[SIGNATURE_SIZE];
        const void *value;
        uint64_t number;
        int flag;

        switch (type) {
        case 's':
                value = choose_text(in);
                break;
        case 'o':
                value = choose_path(in);
                break;
        case 'g':
                value = values_choose_signature(in, signature);
                break;
        case 'b':
                flag = input_byte(in) & 1;
                value = &flag;
                break;
        case 'y':
                number = htole64(input_byte(in));
                value = &number;
                break;
        default:
                number = htole64(input_number(in, sizeof(number)));
                value = &number;
        }
        assert(sd_bus_message_append_basic(message, type, value) >= 0);
}

static const char *append_value(sd_bus_message *message, const char *type, Input *in, unsigned depth);

static void append_contents(sd_bus_message *message, const char *types, Input *in, unsigned depth) {
        while (*types)
                types = append_value(message, types, in, depth);
}

static void copy_types(const char *type, const char *end, char inner[static SIGNATURE_SIZE]) {
        size_t n = (size_t) (end - type);

        memcpy(inner, type, n);
        inner[n] = '\0';
}

static void append_variant(sd_bus_message *message, Input *in, unsigned depth) {
        char inner[SIGNATURE_SIZE];
        Signature s = { inner, SIGNATURE_SIZE - 1 };

        choose_type(&s, in, MIN2(depth, DEPTH_MAX));
        *s.next = '\0';
        assert(sd_bus_message_open_container(message, 'v', inner) >= 0);
        append_contents(message, inner, in, depth + 1);
        assert(sd_bus_message_close_container(message) >= 0);
}

static void append_array(sd_bus_message *message, const char *type, const char *end, Input *in,
                unsigned depth) {
        char inner[SIGNATURE_SIZE];

        copy_types(type + 1, end, inner);
        assert(sd_bus_message_open_container(message, 'a', inner) >= 0);
        for (size_t n = input_byte(in); n > 0 && in->size > 0; n--)
                (void) append_value(message, inner, in, depth + 1);
        assert(sd_bus_message_close_container(message) >= 0);
}

static void append_struct(sd_bus_message *message, const char *type, const char *end, Input *in,
                unsigned depth) {
        char inner[SIGNATURE_SIZE];

        copy_types(type + 1, end - 1, inner);
        assert(sd_bus_message_open_container(message, *type == '{' ? 'e' : 'r', inner) >= 0);
        append_contents(message, inner, in, depth + 1);
        assert(sd_bus_message_close_container(message) >= 0);
}

static const char *append_value(sd_bus_message *message, const char *type, Input *in, unsigned depth) {
        const char *end = type_end(type);

        if (*type == 'v')
                append_variant(message, in, depth);
        else if (*type == 'a')
                append_array(message, type, end, in, depth);
        else if (*type == '(' || *type == '{')
                append_struct(message, type, end, in, depth);
        else
                append_basic(message, *type, in);
        return end;
}

void values_append(sd_bus_message *message, const char *signature, Input *in) {
        append_contents(message, signature, in, 0);
}
