/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text of others, made fit to be shown: what guests call themselves may hold
 * anything that UTF-8 can carry, terminal escapes included.
 */

#include <stddef.h>

#include "util/limits.h"

/* Room for a name of NAME_LENGTH_MAX bytes, each of them escaped. */
#define TEXT_NAME_SIZE (4 * NAME_LENGTH_MAX + 4)

/*
 * Writes text with control characters (C0, DEL, C1), backslashes and bytes that aren't
 * UTF-8 as \xNN, and what doesn't fit cut off with "..." (size: 4 at least).
 * Returns buffer.
 */
const char *text_escape(const char *text, char *buffer, size_t size);
