/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The keys of the index.
 */

#include "index/key.h"

#include <string.h>
#include <sys/socket.h>

#include "util/siphash.h"

/* Writes the tag in front of the rest of the key, n bytes that are there already. */
static void key_finish(const IndexSalt *salt, size_t n, IndexKey *key) {
        uint32_t tag = (uint32_t) siphash24(salt->bytes, key->bytes + INDEX_TAG_LENGTH, n);

        for (unsigned i = 0; i < INDEX_TAG_LENGTH; i++)
                key->bytes[i] = "0123456789abcdef"[tag >> (28 - 4 * i) & 15];
        key->length = INDEX_TAG_LENGTH + n;
}

void index_key_of_name(const IndexSalt *salt, NameVariant variant, const char *folded, IndexKey *ret) {
        char *rest = ret->bytes + INDEX_TAG_LENGTH;
        size_t n = strlen(folded);

        rest[0] = variant == VARIANT_DOMAIN ? INDEX_KEY_DOMAIN : INDEX_KEY_HOSTNAME;
        memcpy(rest + 1, folded, n);
        key_finish(salt, 1 + n, ret);
}

void index_key_of_address(const IndexSalt *salt, int family, const uint8_t *address, IndexKey *ret) {
        char *rest = ret->bytes + INDEX_TAG_LENGTH;
        size_t n = address_length(family);

        rest[0] = INDEX_KEY_ADDRESS;
        rest[1] = family == AF_INET ? '4' : '6';
        memcpy(rest + 2, address, n);
        key_finish(salt, 2 + n, ret);
}
