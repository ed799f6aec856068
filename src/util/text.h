/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text of others, made fit to be shown: what guests call themselves may hold
 * anything that UTF-8 can carry, terminal escapes included.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/limits.h"

/* Room for a name of NAME_LENGTH_MAX bytes, each of them escaped. */
#define TEXT_NAME_SIZE (4 * NAME_LENGTH_MAX + 4)

/*
 * Whether a character shows nothing of itself, though a terminal or a reader may be misled by it: a
 * control character (C0, DEL, C1), a line or paragraph separator, or one that Unicode calls
 * ignorable: what turns the direction of writing, joiners, fillers, variation selectors, tags.
 * Some real names need joiners, in Indic scripts and in emoji; they too are shown, since the same
 * character makes two names that look the same.
 */
bool text_is_invisible(uint32_t character);

/*
 * Writes text with invisible characters and bytes that aren't UTF-8 as \xNN, byte by byte, and what
 * doesn't fit cut off with "..." (size: 4 at least).  A backslash stays as it is, so that escaped
 * text can be escaped again.  Returns buffer.
 */
const char *text_escape(const char *text, char *buffer, size_t size);
