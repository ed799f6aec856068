/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The interface indices of the bridges.  A bridge that is made anew gets a
 * new index, so what was found is kept only until the kernel reports a change
 * of links.
 */

#include <stdint.h>

#include "util/util.h"

typedef struct Interfaces Interfaces;

/* Returns 0 and the cache; -ENOMEM.  Where rtnetlink can't be had nothing is cached. */
int interfaces_new(Interfaces **ret);
Interfaces *interfaces_free(Interfaces *interfaces);
DEFINE_CLEANUP(Interfaces *, interfaces_free);

/* To be called before a round of questions: the first of them takes in what the kernel reported
 * since.  (Nobody waits on the socket: a change of links is no reason to wake up.) */
void interfaces_invalidate(Interfaces *interfaces);

/* The interface's index, 0 where there is none of that name. */
uint32_t interfaces_index(Interfaces *interfaces, const char *name);
