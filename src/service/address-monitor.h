/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's addresses, and notifications of their changes from the kernel.
 */

#include <stdbool.h>

#include "names/host-addresses.h"
#include "util/util.h"

/* Opens a netlink socket that becomes readable when an address is added or removed.  Returns it, or a
 * negative errno. */
int address_monitor_open(void);

/* Reads all pending messages.  Returns whether there was one. */
bool address_monitor_drain(int fd);

/* Reads all addresses, and the MAC addresses of all interfaces.  Returns 0, or a negative errno with *ret
 * unchanged. */
int host_addresses_read(HostAddresses *ret);

/* Frees the arrays in the table.  For _cleanup_(). */
void host_addresses_done(HostAddresses *addresses);
