/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The leases and names that are exported, out of what the service lists.
 */

#include <jansson.h>
#include <stdio.h>

#include "cli/export/format.h"

/*
 * Selects the leases on the networks and of the family that the options want, with the names that the format
 * can carry, in the order of their addresses, which renewals don't change.  leases: as ListLeases() returns
 * them, with the variants of names that are wanted.
 *
 * The result is an array of objects: "address", "family", "interface", "guest" (a key that leases of the
 * same guest have in common), "mac-address" if it is known, and "names", which isn't empty.
 *
 * Writes a line to complaints for each lease of which no name can be carried.  Returns 0 or -ENOMEM.
 */
int selection_make(const json_t *leases, const ExportFormat *format, const Options *o, FILE *complaints,
                json_t **ret);

/* The first name of a selected lease. */
const char *selection_name(const json_t *lease);
