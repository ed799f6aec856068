/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's network interfaces, by name or by index.
 */

#include <jansson.h>

/* The index of an interface that the user named, or gave the index of.  Says on standard error where
 * there is none.  Returns the index or a negative errno. */
int network_index(const char *text);

/* Sets the keys "ifindex" and, where there is such an interface, "interface". Returns 0 or -ENOMEM. */
int network_set(json_t *object, int ifindex);
