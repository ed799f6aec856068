/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two ways to the names of guests: the published index, which nearly always answers, and the service on
 * the bus if the index can't.
 */

#include "environment.h"
#include "index/reader.h"

/*
 * Both return as index_find_name() and index_find_address() do: a LookupResult and the answer, or a negative
 * errno if neither way led to one.  If no guest can be the answer, that is LOOKUP_NO_NAME, without a system
 * call. ways: those that may be taken.  *taken: the last one that was; 0: none.
 */
int backend_find_name(unsigned ways, NameVariant variant, const char *name, int family, unsigned *taken,
                Answer *ret);
int backend_find_address(unsigned ways, NameVariant variant, int family, const uint8_t *address,
                unsigned *taken, Answer *ret);

/* Sets the interface index of each link-local address in the answer whose interface is known only by name: 0
 * if it is gone. */
void backend_find_scopes(Answer *answer);
