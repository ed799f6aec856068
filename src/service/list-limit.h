/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Limits on the methods that list.  While the service writes a list it answers nobody, and any user may ask
 * for one.
 */

#include "service/manager.h"

/* Returns 0 and what free() frees, or -ENOMEM. */
int list_limit_new(ListLimit **ret);

/* Whether sender may list now.  Returns 0, or a negative errno and the error. */
int list_limit_check(Manager *m, const char *sender, sd_bus_error *error);

/* Charges sender, and everyone, for a listing that started at started_usec (CLOCK_MONOTONIC) and ends now. */
void list_limit_charge(Manager *m, const char *sender, uint64_t started_usec);

/* Whether a list of n things (which says "leases" or the like) has a reply's size.  Returns 0, or a negative
 * errno and the error. */
int list_limit_check_size(Manager *m, size_t size, size_t n, const char *things, sd_bus_error *error);
