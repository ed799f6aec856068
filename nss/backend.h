/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two doors to the names of guests: the published index, which answers nearly
 * always, and the service on the bus, where the index can't.
 */

#include "index/reader.h"

/*
 * Both as index_find_name() and index_find_address(): a LookupResult and the
 * answer, or a negative errno where neither door could say.  A question that no
 * guest can be the answer to is LOOKUP_NO_NAME without a system call.
 */
int backend_find_name(NameVariant variant, const char *name, int family, Answer *ret);
int backend_find_address(NameVariant variant, int family, const uint8_t *address, Answer *ret);

/* The interface index of each link-local address in the answer, as far as an
 * interface is known only by name: 0 where it is gone. */
void backend_find_scopes(Answer *answer);
