/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON documents on standard output.
 */

#include <jansson.h>
#include <stdio.h>

#include "util/util.h"

typedef enum JsonMode {
        JSON_OFF = 0,
        JSON_SHORT, /* one line */
        JSON_PRETTY,
} JsonMode;

/* "off", "short", "pretty"; -EINVAL. */
int json_mode_from_text(const char *text, JsonMode *ret);

/*
 * Prints the value and a newline.  Keys keep the order in which they were set.  Invisible characters in
 * strings are escaped, so that they can't harm a terminal or mislead a reader.  Returns 0 or a negative
 * errno.
 */
int json_print(FILE *file, const json_t *value, JsonMode mode);

/* The string of a key, or NULL. */
const char *json_text(const json_t *object, const char *key);

/* The integer of a key, or 0. */
json_int_t json_number(const json_t *object, const char *key);

/* Makes a string of any bytes: bytes that aren't UTF-8 are escaped as \xNN.  NULL: no memory. */
json_t *json_from_text(const char *text);
