/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SipHash-2-4.
 */

#include "util/siphash.h"

#include <endian.h>
#include <string.h>

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

uint64_t siphash24(const uint8_t key[static 16], const void *data, size_t size) {
        const uint64_t k[2] = { load_u64(key, 8), load_u64(key + 8, 8) };
        uint64_t v[4] = {
                k[0] ^ UINT64_C(0x736f6d6570736575),
                k[1] ^ UINT64_C(0x646f72616e646f6d),
                k[0] ^ UINT64_C(0x6c7967656e657261),
                k[1] ^ UINT64_C(0x7465646279746573),
        };
        const uint8_t *p = data, *end = p + size - size % 8;

        for (; p < end; p += 8)
                hash_word(v, load_u64(p, 8));
        hash_word(v, (uint64_t) size << 56 | load_u64(p, size % 8));
        v[2] ^= 0xff;
        hash_rounds(v, 4);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}
