/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests of a selection, each with all its names, for formats that want one address of each.
 */

#include <jansson.h>

/*
 * Groups selected leases by guest, in the order of their first addresses.  The result is an array of objects
 * as in the selection: the address is the guest's first, so that IPv4 goes first, and "names" has those of
 * all its addresses.  A name that an earlier guest has is left out, and so is a guest that has no other.
 * Returns 0 or -ENOMEM.
 */
int guests_make(const json_t *selection, json_t **ret);
