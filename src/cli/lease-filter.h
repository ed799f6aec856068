/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which of the leases that the service lists the user wants.
 */

#include <jansson.h>
#include <stdbool.h>

/* Whether a lease is on the network that -i names, by its bridge's name or index; NULL: any. */
bool lease_is_on(const json_t *lease, const char *interface);

/* Whether a lease's hostname, its domain or one of its names is that one. */
bool lease_has_name(const json_t *lease, const char *name);
