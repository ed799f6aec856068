/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Addresses without a lease that the service answers, as they were seen on a bridge.
 */

#include <jansson.h>

/* Appends the answered addresses that were seen to leases, in the form of ListLeases().  Their names are
 * names of libvirt domains.  guests: the reply of ListGuests().  Returns 0 or -ENOMEM. */
int seen_append(json_t *leases, const json_t *guests);
