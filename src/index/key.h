/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The key of a record of the index: a tag of 8 hexadecimal digits, then a letter and
 * a name or an address.  libc only.
 *
 * The tag is a keyed hash of the rest, under the salt that META has and that is new in each index.
 * A cdb's own hash takes in one byte after the other and never mixes: names that have one hash are
 * easily found, and what stands in front of all of them doesn't change that they do.  Guests choose
 * their names; they can't choose the tags.
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

/* The key of a name's record. */
void index_key_of_name(const IndexSalt *salt, NameVariant variant, const char *folded, IndexKey *ret);

/* The key of an address' record. */
void index_key_of_address(const IndexSalt *salt, int family, const uint8_t *address, IndexKey *ret);
