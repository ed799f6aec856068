/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An arena: many small pieces of memory that don't move and are freed together.  libc only.
 */

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

/* All zero: an empty arena. */
typedef struct Arena {
        ArenaBlock *blocks;
} Arena;

/* Returns size bytes, or NULL if memory is short.  arena_take() doesn't align them, arena_allocate() does
 * for all types. */
char *arena_take(Arena *arena, size_t size);
void *arena_allocate(Arena *arena, size_t size);

/* Copies a string; NULL stays NULL.  Returns 0, or -ENOMEM and leaves *ret alone. */
int arena_copy(Arena *arena, const char *text, const char **ret);

/* Frees everything but a block for the next uses. */
void arena_clear(Arena *arena);

/* Frees everything.  For _cleanup_(), too. */
void arena_done(Arena *arena);
