/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Noticing that jansson had no memory.  Its lexer drops a character if its buffer can't grow, and its output is
 * truncated likewise, both without an error: "192.168.122.104" becomes another guest's address.  So everything
 * that is parsed, built or dumped is invalid if an allocation failed meanwhile.
 *
 *     JsonMemory memory = json_memory_begin();
 *     value = json_loads(...);
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
