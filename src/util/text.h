/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Escaping text from others before it is shown.  A guest's hostname can contain anything that UTF-8 can,
 * terminal escapes included.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/limits.h"

/* Room for a name of NAME_LENGTH_MAX bytes, each of them escaped. */
#define TEXT_NAME_SIZE (4 * NAME_LENGTH_MAX + 4)

/*
 * Whether a character is invisible, but can mislead a terminal or a reader: a control character (C0, DEL,
 * C1), a line or paragraph separator, or one that Unicode calls default-ignorable (direction marks, joiners,
 * fillers, variation selectors, tags).  Some real names need joiners, in Indic scripts and in emoji; these
 * are escaped, too, because they make different names look the same.
 */
bool text_is_invisible(uint32_t character);

/*
 * Writes text with invisible characters and bytes that aren't UTF-8 escaped as \xNN, byte by byte.  If it
 * doesn't fit size bytes (at least 4), it is truncated and ends with "...".  A backslash isn't escaped, so
 * escaping twice changes nothing.  Returns buffer.
 */
const char *text_escape(const char *text, char *buffer, size_t size);
