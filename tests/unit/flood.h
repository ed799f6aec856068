/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A flood as guests could make it: 65 536 host names, each guest's another, of which a cdb whose keys are
 * nothing but the letter and the name hashes all alike, and like a name that they are against.
 */

#include <stdint.h>

#define FLOOD_BITS 16U
#define FLOOD_NAMES (1U << FLOOD_BITS)
#define FLOOD_TAIL 7U
#define FLOOD_NAME_SIZE (2 * FLOOD_BITS + FLOOD_TAIL + 1)

typedef struct Flood {
        char pairs[FLOOD_BITS][2][2]; /* either takes the hash to the same one */
        char tail[FLOOD_TAIL];        /* takes it on to the one that is meant */
} Flood;

/* Against a hostname. */
void flood_make(const char *against, Flood *ret);

const char *flood_name(const Flood *flood, unsigned i, char name[static FLOOD_NAME_SIZE]);
