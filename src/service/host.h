/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration of the host's network: its addresses and, for judging addresses that were seen, its
 * interfaces and the next hops of its routes.  Read on first use, and again after the kernel has reported a
 * change.
 */

#include <stdbool.h>

#include "names/host-addresses.h"
#include "service/facts.h"

typedef struct Host {
        int fd;          /* the address monitor; or a negative errno */
        bool known;      /* addresses are up to date with the messages read */
        bool has_guests; /* helpers state facts: interfaces and routes matter, too */
        HostAddresses addresses;
} Host;

/* Opens the socket.  Without one, addresses are read every time. */
void host_open(Host *host);
void host_done(Host *host);

/* Reads pending messages.  Returns whether the addresses changed.  facts: decide which interfaces and routes
 * matter; NULL: none. */
bool host_refresh(Host *host, const Facts *facts);

/* Reads the parts that are unknown.  Returns 0 or a negative errno. */
int host_read(Host *host, const Facts *facts);

/* Invalidates the parts that depend on the facts, after these have changed. */
void host_invalidate(Host *host);
