/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Noticing that jansson had no memory: its allocator counts failures.
 */

#include "source/json-memory.h"

#include <jansson.h>
#include <stdlib.h>

static unsigned long n_failed;

static void *counting_malloc(size_t size) {
        void *p = malloc(size);

        n_failed += !p;
        return p;
}

JsonMemory json_memory_begin(void) {
        /* Memory that was allocated before is malloc()'s, too. */
        json_set_alloc_funcs(counting_malloc, free);
        return (JsonMemory) { n_failed };
}

bool json_memory_failed(JsonMemory begin) {
        return n_failed != begin.n_failed;
}
