/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The leases and names to export, out of those that the service lists.
 */

#include <jansson.h>
#include <stdio.h>

#include "cli/export/format.h"

/*
 * Selects the leases on the networks and of the address family in the options, with the names that the format
 * can represent, sorted by address, an order that renewals don't change.  leases: the reply of ListLeases()
 * for the name variants in the options.
 *
 * The result is an array of objects: "address", "family", "interface", "guest" (a key that all leases of a
 * guest share), "mac-address" if it is known, and "names", which isn't empty.
 *
 * Writes a line to omissions for each lease none of whose names can be represented.  Returns 0 or -ENOMEM.
 */
int selection_make(const json_t *leases, const ExportFormat *format, const Options *o, FILE *omissions,
                json_t **ret);

/* The first name of a selected lease. */
const char *selection_name(const json_t *lease);
