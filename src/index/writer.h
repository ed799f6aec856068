/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing the index of names (index/format.h) from the catalog.
 */

#include "index/format.h"
#include "names/catalog.h"

/*
 * Writes an index to an empty file at its beginning: META, and the good claims of the catalog (NULL: META
 * alone). Claims that don't fit a record (INDEX_RECORD_MAX) are left out, those that expire first before
 * others, and counted in *ret_dropped.  Returns 0, -ENOMEM, or an errno of write(2).
 */
int index_write(int fd, const IndexMeta *meta, const Catalog *catalog, size_t *ret_dropped);

/* Replaces META of a written index.  Returns 0 or a negative errno. */
int index_write_meta(int fd, const IndexMeta *meta);
