/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The key of a record in the index: a tag of 8 hexadecimal digits, a letter, and a name or an address.  libc
 * only.
 *
 * cdb's hash (djb2) isn't keyed: collisions are easy to construct, and survive any common prefix.  The tag
 * is a keyed hash of the rest of the key, under META's salt, which is new in each index: guests choose their
 * names, but not the tags.
 */

#include <stddef.h>
#include <stdint.h>

#include "index/format.h"
#include "names/name.h"

#define INDEX_TAG_LENGTH 8U
#define INDEX_KEY_MAX (INDEX_TAG_LENGTH + 1U + NAME_LENGTH_MAX)

typedef struct IndexKey {
        size_t length;
        char bytes[INDEX_KEY_MAX];
} IndexKey;

/* The key of the record of a name. */
void index_key_of_name(const IndexSalt *salt, NameVariant variant, const char *folded, IndexKey *ret);

/* The key of the record of an address. */
void index_key_of_address(const IndexSalt *salt, int family, const uint8_t *address, IndexKey *ret);
