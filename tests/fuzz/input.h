/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A fuzzer's bytes as decisions, taken from the front: what is asked for after the last one is 0.
 */

#include <stdint.h>
#include <string.h>

#include "util/util.h"

typedef struct Input {
        const uint8_t *data;
        size_t size;
} Input;

static inline uint8_t input_byte(Input *in) {
        if (in->size == 0)
                return 0;
        in->size--;
        return *in->data++;
}

static inline void input_bytes(Input *in, void *ret, size_t size) {
        size_t n = MIN2(size, in->size);

        memset(ret, 0, size);
        if (n > 0)
                memcpy(ret, in->data, n);
        in->data += n;
        in->size -= n;
}

/* A small number is a byte, any other 0xff and the bytes of it. */
static inline uint64_t input_number(Input *in, size_t size) {
        uint64_t number = input_byte(in);

        if (number == 0xff)
                input_bytes(in, &number, size);
        return number;
}

/* Up to the next NUL, or the end; what the buffer has no room for is left out. */
static inline const char *input_text(Input *in, char *buffer, size_t size) {
        size_t n = in->size > 0 ? strnlen((const char *) in->data, in->size) : 0, kept = MIN2(n, size - 1);

        if (kept > 0)
                memcpy(buffer, in->data, kept);
        buffer[kept] = '\0';
        n = MIN2(n + 1, in->size);
        in->data += n;
        in->size -= n;
        return buffer;
}
