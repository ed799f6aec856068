/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The question of a lookup: for the addresses of a name, or the names of an address.
 */

#include <stdint.h>

#include "index/format.h"

typedef struct Question {
        NameVariant variant;
        int family;             /* AF_UNSPEC: any, for a name only */
        const char *name;       /* NULL: the names of the address */
        const uint8_t *address; /* of the family's length */
} Question;
