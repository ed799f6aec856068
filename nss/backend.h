/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two backends: the published index, which nearly always answers, and the service on the bus if the index
 * can't.
 */

#include "environment.h"
#include "index/reader.h"

/*
 * Both return as index_find_name() and index_find_address() do: a LookupResult and the answer, or a negative
 * errno if neither backend answered.  If the answer can't be a guest's, they return LOOKUP_NO_NAME without a
 * system call.  backends: those that may be used.  *used: the last one used; 0: none.
 */
int backend_find_name(unsigned backends, NameVariant variant, const char *name, int family, unsigned *used,
                Answer *ret);
int backend_find_address(unsigned backends, NameVariant variant, int family, const uint8_t *address,
                unsigned *used, Answer *ret);

/* Sets the interface index of each link-local address in the answer that only has an interface's name: 0 if
 * there is no such interface. */
void backend_find_scopes(Answer *answer);
