/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Many strings in one block of memory, one after another.  The block moves while strings are added, so their
 * addresses are known only after the last.  libc only.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Strings {
        char *data;
        size_t size, room;
} Strings;

/* For _cleanup_(). */
void strings_done(Strings *strings);

/* Appends a copy of the text; NULL appends nothing.  Returns 0 or -ENOMEM. */
int strings_add(Strings *strings, const char *text);

/* Gives the block away, without spare room. */
char *strings_take(Strings *strings);

/* If a string was added, returns the one at *cursor and moves *cursor behind it; else returns NULL. */
const char *strings_next(const char **cursor, bool added);
