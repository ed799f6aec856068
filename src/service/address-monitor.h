/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's addresses, and the kernel's messages about their changes.
 */

#include <stdbool.h>

#include "names/host-addresses.h"
#include "util/util.h"

/* Opens a netlink socket that is readable when an address comes or goes.  Returns it, or a negative errno. */
int address_monitor_open(void);

/* Reads all pending messages.  Returns whether there was one. */
bool address_monitor_drain(int fd);

/* Reads all addresses, and the MAC addresses of all interfaces.  Returns 0, or a negative errno and leaves
 * *ret alone. */
int host_addresses_read(HostAddresses *ret);

/* Frees what the table owns.  For _cleanup_(). */
void host_addresses_done(HostAddresses *addresses);
