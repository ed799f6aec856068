/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An arena: blocks of memory, of which the newest still has room.
 */

#include "util/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

#define BLOCK_SIZE 65536U

struct ArenaBlock {
        ArenaBlock *next;
        size_t size, used;
        char bytes[];
};

static ArenaBlock *arena_add_block(Arena *arena, size_t size) {
        ArenaBlock *block;

        if (size > SIZE_MAX / 2)
                return NULL;
        block = malloc(sizeof(*block) + MAX2(size, BLOCK_SIZE));
        if (!block)
                return NULL;
        *block = (ArenaBlock) { .next = arena->blocks, .size = MAX2(size, BLOCK_SIZE) };
        arena->blocks = block;
        return block;
}

char *arena_take(Arena *arena, size_t size) {
        ArenaBlock *block = arena->blocks;
        char *bytes;

        if (!block || block->size - block->used < size)
                block = arena_add_block(arena, size);
        if (!block)
                return NULL;
        bytes = block->bytes + block->used;
        block->used += size;
        return bytes;
}

void *arena_allocate(Arena *arena, size_t size) {
        const size_t align = _Alignof(max_align_t);
        char *bytes = size > SIZE_MAX - align ? NULL : arena_take(arena, size + align - 1);

        return bytes ? bytes + -(uintptr_t) bytes % align : NULL;
}

int arena_copy(Arena *arena, const char *text, const char **ret) {
        size_t size = text ? strlen(text) + 1 : 0;
        char *copy = NULL;

        if (text && !(copy = arena_take(arena, size)))
                return -ENOMEM;
        *ret = text ? memcpy(copy, text, size) : NULL;
        return 0;
}

void arena_clear(Arena *arena) {
        ArenaBlock *kept = arena->blocks;

        if (!kept || kept->size > BLOCK_SIZE) {
                arena_done(arena);
                return;
        }
        arena->blocks = kept->next;
        arena_done(arena);
        kept->next = NULL;
        kept->used = 0;
        arena->blocks = kept;
}

void arena_done(Arena *arena) {
        for (ArenaBlock *block = arena->blocks; block;) {
                ArenaBlock *next = block->next;

                free(block);
                block = next;
        }
        arena->blocks = NULL;
}
