/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A file of facts: JSON that is replaced as a whole, as described in libvirt-resolve-facts(5).
 */

#include <jansson.h>

/* For _cleanup_(). */
static inline void json_freep(json_t **value) {
        json_decref(*value);
}

/* Replaces the file of that name atomically.  Returns 0 or a negative errno. */
int facts_file_write(int directory_fd, const char *name, const json_t *facts);
