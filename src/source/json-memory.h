/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Noticing that jansson had no memory while JSON was built or dumped: members that couldn't be added are
 * missing without an error.  For parsing see source/json-load.h.
 *
 *     JsonMemory memory = json_memory_begin();
 *     ...
 *     if (json_memory_failed(memory))
 *             return -ENOMEM;
 *
 * Uses may nest.  Not for more than one thread.
 */

#include <stdbool.h>

/* The number of failed allocations so far. */
typedef struct JsonMemory {
        unsigned long n_failed;
} JsonMemory;

/* Starts to watch jansson's allocations. */
JsonMemory json_memory_begin(void);

/* Whether an allocation has failed since. */
bool json_memory_failed(JsonMemory begin);
