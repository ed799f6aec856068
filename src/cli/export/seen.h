/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Addresses without a lease that the service answers, as they were seen on a bridge.
 */

#include <jansson.h>

/* Appends to leases, which are as ListLeases() returns them, the addresses that were seen and are answered,
 * in the same form.  Their names are those of libvirt domains.  guests: as ListGuests() returns them. Returns
 * 0 or -ENOMEM. */
int seen_append(json_t *leases, const json_t *guests);
