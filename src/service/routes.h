/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The next hops of the host's routes, from the kernel.
 */

#include "names/host-addresses.h"

/* Reads the next hops of the routes over an interface, in all tables, and adds them to the table's gateways,
 * in any order and perhaps several times.  Returns 0; -E2BIG beyond GATEWAYS_MAX; or another negative errno:
 * then they aren't all there. */
int routes_read_gateways(const char *interface, HostAddresses *addresses);
