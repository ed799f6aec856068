/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Parsing JSON with enough memory, or not at all.
 *
 * jansson (2.14) isn't safe if an allocation fails while it parses: the lexer drops the character for which
 * its buffer can't grow.  Then 192.168.122.104 becomes another guest's address, and if the character was a
 * closing quote, the lexer leaves its buffer.  Here a failed allocation ends the parse at once.
 */

#include <jansson.h>
#include <stddef.h>

#include "util/arena.h"

/*
 * Parses size bytes with the given flags of json_loadb(3).  The value belongs to the arena: never pass it to
 * json_decref().  Not for more than one thread at a time.
 *
 * Returns 0; -EBADMSG, with the reason in *error; or -ENOMEM.  *ret is set only on success.
 */
int json_load_arena(Arena *arena, const char *data, size_t size, size_t flags, const json_t **ret,
                json_error_t *error);
