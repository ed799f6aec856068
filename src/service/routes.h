/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The next hops of the host's routes, read from the kernel.
 */

#include "names/host-addresses.h"

/* Reads the next hops of all routes over an interface, in all tables, and adds them to addresses' gateways,
 * in any order and possibly repeated.  Returns 0; -E2BIG beyond GATEWAYS_MAX; or another negative errno:
 * after a failure they are incomplete. */
int routes_read_gateways(const char *interface, HostAddresses *addresses);
