/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Limits on the methods that list: any user may call them, and the service answers nobody else while it makes
 * a list.
 */

#include "service/manager.h"

/* Returns 0 and the limit, to be freed by free(); or -ENOMEM. */
int list_limit_new(ListLimit **ret);

/* Whether sender may list now.  Returns 0, or a negative errno and the error. */
int list_limit_check(Manager *m, const char *sender, sd_bus_error *error);

/* Charges sender, and everyone, for a listing of n guests, addresses and names that started at started_usec
 * (CLOCK_MONOTONIC) and ends now. */
void list_limit_charge(Manager *m, const char *sender, uint64_t started_usec, size_t n);

/* Whether a list fits a reply.  n, things: for the message: the number of items, and "leases" or the like.
 * Returns 0, or a negative errno and the error. */
int list_limit_check_size(Manager *m, size_t size, size_t n, const char *things, sd_bus_error *error);
