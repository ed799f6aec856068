/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing the index of names (index/format.h) from the catalog.
 */

#include "names/catalog.h"
#include "index/format.h"
#include "index/reader.h"

/*
 * Writes an index into an empty file at its beginning: META, and the catalog's good
 * claims; catalog NULL: META alone.  What doesn't fit a record (INDEX_RECORD_MAX) is
 * left out, oldest first but never-expiring ones last, and counted in *ret_dropped.
 * Returns 0, -ENOMEM, or write's errno.
 */
int index_write(int fd, const IndexMeta *meta, const Catalog *catalog, size_t *ret_dropped);

/* Replaces META of a written index.  Returns 0 or a negative errno. */
int index_write_meta(int fd, const IndexMeta *meta);

/* Maps a loaded index, so that a lookup makes no system calls.  For its writer alone: where somebody
 * else can cut the file short it would end the reader.  Returns 0, or a negative errno: then it
 * is read as before. */
int index_map(Index *index);

/* Undoes index_map(), where there is something to undo; fd stays as it is. */
void index_unmap(Index *index);
