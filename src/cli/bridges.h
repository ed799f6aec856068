/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's Linux bridges, and the addresses that the host has on them.
 */

#include <jansson.h>

/* Returns an array of objects with the keys "bridge" and "addresses" ("192.0.2.1/24"), sorted by name,
 * without link-local addresses.  Returns 0 or a negative errno. */
int bridges_list(json_t **ret);
