/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Selects the leases that the user wants.
 */

#include <jansson.h>
#include <stdbool.h>

/* Whether a lease is on the given network: its bridge's name or index; NULL: any. */
bool lease_is_on(const json_t *lease, const char *interface);

/* Whether the name is the lease's hostname, its domain or one of its names. */
bool lease_has_name(const json_t *lease, const char *name);
