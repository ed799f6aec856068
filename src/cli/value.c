/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * D-Bus values as JSON values.
 */

#include "cli/value.h"

#include <arpa/inet.h>
#include <stdbool.h>

#include "cli/json.h"
#include "util/address.h"

typedef union Basic {
        const char *s;
        int b;
        uint8_t y;
        int16_t n;
        uint16_t q;
        int32_t i;
        uint32_t u;
        int64_t x;
        uint64_t t;
        double d;
} Basic;

/* The number in v, limited to the largest that JSON libraries hold. */
static json_int_t basic_number(char type, const Basic *v) {
        switch (type) {
        case 'y':
                return v->y;
        case 'n':
                return v->n;
        case 'q':
                return v->q;
        case 'i':
                return v->i;
        case 'u':
                return v->u;
        case 't':
                return (json_int_t) MIN2(v->t, (uint64_t) INT64_MAX);
        default:
                return v->x;
        }
}

static int basic_read(sd_bus_message *m, char type, json_t **ret) {
        Basic v = { 0 };
        json_t *value;
        int r;

        r = sd_bus_message_read_basic(m, type, &v);
        if (r < 0)
                return r;
        switch (type) {
        case 's':
        case 'o':
        case 'g':
                value = json_from_text(v.s);
                break;
        case 'b':
                value = json_boolean(v.b);
                break;
        case 'd':
                value = json_real(v.d);
                break;
        default:
                value = json_integer(basic_number(type, &v));
        }
        if (!value)
                return -ENOMEM;
        *ret = value;
        return 0;
}

/* Bytes that aren't an address: two hex digits each. */
static json_t *hex_new(const uint8_t *bytes, size_t n) {
        _cleanup_(freep) char *text = calloc(n + 1, 2);

        if (!text)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
                text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
        }
        return json_stringn(text, 2 * n);
}

static int bytes_read(sd_bus_message *m, json_t **ret) {
        char text[ADDRESS_TEXT_MAX];
        const void *bytes;
        json_t *value;
        size_t n;
        int r;

        r = sd_bus_message_read_array(m, 'y', &bytes, &n);
        if (r < 0)
                return r;
        value = n == 4 || n == 16 ? json_string(inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, text,
                                                    sizeof(text))) :
                                    hex_new(bytes, n);
        if (!value)
                return -ENOMEM;
        *ret = value;
        return 0;
}

/* Reads one entry of a dictionary whose keys are strings. */
static int entry_read(sd_bus_message *m, const char *contents, json_t *object) {
        json_t *value;
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'e', contents);
        if (r < 0)
                return r;
        r = sd_bus_message_read_basic(m, 's', &key);
        if (r < 0)
                return r;
        r = value_read(m, &value);
        if (r < 0)
                return r;
        if (json_object_set_new(object, key, value) < 0)
                return -ENOMEM;
        return sd_bus_message_exit_container(m);
}

static int dictionary_read(sd_bus_message *m, json_t *object) {
        const char *contents;
        char type;
        int r;

        while ((r = sd_bus_message_peek_type(m, &type, &contents)) > 0) {
                r = entry_read(m, contents, object);
                if (r < 0)
                        return r;
        }
        return r;
}

static int elements_read(sd_bus_message *m, json_t *array) {
        int r;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                json_t *value;

                r = value_read(m, &value);
                if (r < 0)
                        return r;
                if (json_array_append_new(array, value) < 0)
                        return -ENOMEM;
        }
        return MIN2(r, 0);
}

static int container_read(sd_bus_message *m, char type, const char *contents, json_t **ret) {
        _cleanup_(json_decrefp) json_t *value = NULL;
        bool dictionary = type == 'a' && contents[0] == '{';
        int r;

        value = dictionary ? json_object() : json_array();
        if (!value)
                return -ENOMEM;
        r = sd_bus_message_enter_container(m, type, contents);
        if (r < 0)
                return r;
        r = dictionary ? dictionary_read(m, value) : elements_read(m, value);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(value);
        return 0;
}

static int variant_read(sd_bus_message *m, const char *contents, json_t **ret) {
        _cleanup_(json_decrefp) json_t *value = NULL;
        int r;

        r = sd_bus_message_enter_container(m, 'v', contents);
        if (r < 0)
                return r;
        r = value_read(m, &value);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(value);
        return 0;
}

int value_read(sd_bus_message *m, json_t **ret) {
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;
        if (type == 'v')
                return variant_read(m, contents, ret);
        if (type == 'a' && contents[0] == 'y')
                return bytes_read(m, ret);
        if (type == 'a' || type == 'r')
                return container_read(m, type, contents, ret);
        return basic_read(m, type, ret);
}
