/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Parsing JSON in an arena, which an allocation that fails leaves by a jump.
 */

#include "source/json-load.h"

#include <errno.h>
#include <setjmp.h>

/* The parse that is running: jansson's allocator has no argument for it. */
static Arena *current_arena;
static jmp_buf out_of_memory;

static void *allocate(size_t size) {
        void *p = arena_allocate(current_arena, size);

        if (!p)
                longjmp(out_of_memory, 1);
        return p;
}

static void keep(void *p) {
}

int json_load_arena(Arena *arena, const char *data, size_t size, size_t flags, const json_t **ret,
                json_error_t *error) {
        json_malloc_t saved_malloc;
        json_free_t saved_free;
        const json_t *value;

        json_get_alloc_funcs(&saved_malloc, &saved_free);
        json_set_alloc_funcs(allocate, keep);
        current_arena = arena;
        if (setjmp(out_of_memory) == 0) {
                value = json_loadb(data, size, flags, error);
                if (value)
                        *ret = value;
                json_set_alloc_funcs(saved_malloc, saved_free);
                return value ? 0 : -EBADMSG;
        }
        json_set_alloc_funcs(saved_malloc, saved_free);
        return -ENOMEM;
}
