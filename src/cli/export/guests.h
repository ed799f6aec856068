/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests of a selection, each with all its names, for formats that want one address for each.
 */

#include <jansson.h>

/*
 * Groups selected leases by guest, in the order of their first addresses.  The result is an array of objects
 * as in the selection, with the guest's first address, so that IPv4 comes first, and in "names" the names of
 * all its addresses.  A name that an earlier guest has is left out, and a guest without a name, too.  Returns
 * 0 or -ENOMEM.
 */
int guests_make(const json_t *selection, json_t **ret);
