/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's network interfaces, by name or by index.
 */

#include <jansson.h>

#include "cli/listing.h"

/* The index of an interface given by name or index.  If there is none, reports that on standard error, and
 * whether the service knows a network of that name.  Returns the index or a negative errno. */
int network_index(Listing *l, const char *text);

/* Sets the keys "ifindex" and, if the interface exists, "interface".  Returns 0 or -ENOMEM. */
int network_set(json_t *object, int ifindex);
