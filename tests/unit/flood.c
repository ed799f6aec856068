/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A flood of hostnames.  The hash takes in a byte by h = h * 33 ^ byte, which can be done and
 * undone: so two pairs of characters that meet are soon found, and the tail by going from both ends.
 */

#include "flood.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

#define N_CHARACTERS (sizeof(characters) - 1)
#define HEAD 3U
#define N_HEADS (N_CHARACTERS * N_CHARACTERS * N_CHARACTERS)

typedef struct Head {
        uint32_t hash;
        char text[HEAD];
} Head;

static uint32_t hash_add(uint32_t h, char c) {
        return (h * 33) ^ (uint8_t) c;
}

static uint32_t hash_undo(uint32_t h, char c) {
        return (h ^ (uint8_t) c) * 0x3e0f83e1; /* 1/33 */
}

/* Finds two pairs that take a hash to the same one; gives that. */
static uint32_t find_pairs(uint32_t from, char pairs[static 2][2]) {
        for (const char *a = characters; *a; a++)
                for (const char *b = characters; *b; b++)
                        for (const char *c = a + 1; *c; c++)
                                for (const char *d = characters; *d; d++) {
                                        uint32_t to = hash_add(hash_add(from, *a), *b);

                                        if (to != hash_add(hash_add(from, *c), *d))
                                                continue;
                                        memcpy(pairs[0], (char[]) { *a, *b }, 2);
                                        memcpy(pairs[1], (char[]) { *c, *d }, 2);
                                        return to;
                                }
        ck_abort_msg("no pairs");
}

static int head_compare(const void *a, const void *b) {
        const Head *x = a, *y = b;

        return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Every three characters, by the hash that they take one to. */
static Head *heads_from(uint32_t from) {
        Head *heads = calloc(N_HEADS, sizeof(*heads));
        size_t n = 0;

        ck_assert_ptr_nonnull(heads);
        for (const char *a = characters; *a; a++)
                for (const char *b = characters; *b; b++)
                        for (const char *c = characters; *c; c++)
                                heads[n++] = (Head) { hash_add(hash_add(hash_add(from, *a), *b), *c),
                                                { *a, *b, *c } };
        qsort(heads, n, sizeof(*heads), head_compare);
        return heads;
}

static void find_tail(uint32_t from, uint32_t to, char tail[static FLOOD_TAIL]) {
        Head *heads = heads_from(from);

        for (uint32_t n = 0; n < N_HEADS * N_CHARACTERS; n++) {
                Head end = { .hash = to };
                const Head *head;
                uint32_t rest = n;

                for (unsigned i = FLOOD_TAIL; i-- > HEAD; rest /= N_CHARACTERS) {
                        tail[i] = characters[rest % N_CHARACTERS];
                        end.hash = hash_undo(end.hash, tail[i]);
                }
                head = bsearch(&end, heads, N_HEADS, sizeof(*heads), head_compare);
                if (head) {
                        memcpy(tail, head->text, HEAD);
                        free(heads);
                        return;
                }
        }
        ck_abort_msg("no tail");
}

void flood_make(const char *against, Flood *ret) {
        uint32_t start = hash_add(5381, 'h'), hash = start, to = start;

        for (unsigned i = 0; i < FLOOD_BITS; i++)
                hash = find_pairs(hash, ret->pairs[i]);
        for (; *against; against++)
                to = hash_add(to, *against);
        find_tail(hash, to, ret->tail);
}

const char *flood_name(const Flood *flood, unsigned i, char name[static FLOOD_NAME_SIZE]) {
        for (unsigned k = 0; k < FLOOD_BITS; k++)
                memcpy(name + 2 * k, flood->pairs[k][i >> k & 1], 2);
        memcpy(name + 2 * FLOOD_BITS, flood->tail, FLOOD_TAIL);
        name[FLOOD_NAME_SIZE - 1] = '\0';
        return name;
}
