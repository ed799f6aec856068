/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's own index: in memory and mapped, so lookups need no system calls.
 */

#include "index/reader.h"
#include "names/catalog.h"

/* Makes the index of a catalog, with the fingerprint of its policy.  Returns 0, the index, whose descriptor
 * the caller owns, and the number of addresses that didn't fit into a record; or a negative errno with *ret
 * unchanged. */
int index_build(const Catalog *catalog, uint64_t policy, Index *ret, size_t *ret_dropped);

/* Unmaps the index and closes its descriptor. */
void index_release(Index *index);
