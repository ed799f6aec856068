/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mapping an index into memory, so that its lookups need no system calls.
 */

#include "index/reader.h"

/* Maps a loaded index.  Only its writer may do so: the process dies if somebody else truncates a mapped file.
 * Returns 0, or a negative errno; lookups then read the file as before. */
int index_map(Index *index);

/* Unmaps the index if it is mapped.  Its file descriptor stays open. */
void index_unmap(Index *index);
