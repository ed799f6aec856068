/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a lookup asks for: the addresses of a name, or the names of an address.
 */

#include <stdint.h>

#include "index/format.h"

typedef struct Question {
        NameVariant variant;
        int family;             /* AF_UNSPEC: of a name, any */
        const char *name;       /* NULL: the names of the address */
        const uint8_t *address; /* of the family's length */
} Question;
