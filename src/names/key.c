/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The keys of the index.
 */

#include "names/key.h"

#include <endian.h>
#include <string.h>
#include <sys/socket.h>

static uint64_t rotated(uint64_t v, unsigned bits) {
        return v << bits | v >> (64 - bits);
}

static void hash_rounds(uint64_t v[static 4], unsigned n) {
        while (n-- > 0) {
                v[0] += v[1];
                v[2] += v[3];
                v[1] = rotated(v[1], 13) ^ v[0];
                v[3] = rotated(v[3], 16) ^ v[2];
                v[0] = rotated(v[0], 32);
                v[2] += v[1];
                v[0] += v[3];
                v[1] = rotated(v[1], 17) ^ v[2];
                v[3] = rotated(v[3], 21) ^ v[0];
                v[2] = rotated(v[2], 32);
        }
}

static void hash_word(uint64_t v[static 4], uint64_t word) {
        v[3] ^= word;
        hash_rounds(v, 2);
        v[0] ^= word;
}

static uint64_t load_u64(const uint8_t *p, size_t n) {
        uint64_t v = 0;

        memcpy(&v, p, n);
        return le64toh(v);
}

uint64_t salted_hash(const IndexSalt *salt, const void *data, size_t size) {
        const uint64_t k[2] = { load_u64(salt->bytes, 8), load_u64(salt->bytes + 8, 8) };
        uint64_t v[4] = {
                k[0] ^ UINT64_C(0x736f6d6570736575), k[1] ^ UINT64_C(0x646f72616e646f6d),
                k[0] ^ UINT64_C(0x6c7967656e657261), k[1] ^ UINT64_C(0x7465646279746573),
        };
        const uint8_t *p = data, *end = p + size - size % 8;

        for (; p < end; p += 8)
                hash_word(v, load_u64(p, 8));
        hash_word(v, (uint64_t) size << 56 | load_u64(p, size % 8));
        v[2] ^= 0xff;
        hash_rounds(v, 4);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Puts the tag in front of the rest of n bytes, which is there. */
static void key_finish(const IndexSalt *salt, size_t n, IndexKey *key) {
        uint32_t tag = (uint32_t) salted_hash(salt, key->bytes + INDEX_TAG_LENGTH, n);

        for (unsigned i = 0; i < INDEX_TAG_LENGTH; i++)
                key->bytes[i] = "0123456789abcdef"[tag >> (28 - 4 * i) & 15];
        key->length = INDEX_TAG_LENGTH + n;
}

void index_key_of_name(const IndexSalt *salt, IndexVariant variant, const char *folded, IndexKey *ret) {
        char *rest = ret->bytes + INDEX_TAG_LENGTH;
        size_t n = strlen(folded);

        rest[0] = variant == INDEX_DOMAIN ? INDEX_KEY_DOMAIN : INDEX_KEY_HOSTNAME;
        memcpy(rest + 1, folded, n);
        key_finish(salt, 1 + n, ret);
}

void index_key_of_address(const IndexSalt *salt, int family, const uint8_t *address, IndexKey *ret) {
        char *rest = ret->bytes + INDEX_TAG_LENGTH;
        size_t n = family == AF_INET ? 4 : 16;

        rest[0] = INDEX_KEY_ADDRESS;
        rest[1] = family == AF_INET ? '4' : '6';
        memcpy(rest + 2, address, n);
        key_finish(salt, 2 + n, ret);
}
