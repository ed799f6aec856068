/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The interface indices of the bridges.  A bridge that is created again gets a new index, so indices are
 * cached only until the kernel reports a change of links.
 */

#include <stdint.h>

#include "util/util.h"

typedef struct Interfaces Interfaces;

/* Returns 0 and the cache, or -ENOMEM.  Without rtnetlink nothing is cached. */
int interfaces_new(Interfaces **ret);
Interfaces *interfaces_free(Interfaces *interfaces);
DEFINE_CLEANUP(Interfaces *, interfaces_free);

/* To be called before each request, whose first interfaces_index() then reads the kernel's messages.  (The
 * socket isn't in the event loop: a change of links alone is no reason to wake up.) */
void interfaces_invalidate(Interfaces *interfaces);

/* The interface's index; 0 if no interface has that name. */
uint32_t interfaces_index(Interfaces *interfaces, const char *name);
