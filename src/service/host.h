/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the host's network looks like: its addresses, and, for the judging of addresses that were seen, its
 * interfaces and the next hops of its routes.  Read when it is needed for the first time, and again after
 * the kernel has told of a change.
 */

#include <stdbool.h>
#include <stddef.h>

#include "names/host-addresses.h"
#include "names/seen.h"

typedef struct Host {
        int fd;               /* the address monitor; or a negative errno */
        bool known;           /* addresses are as the last message that was read has them */
        bool has_guests;      /* interfaces and routes matter, too */
        HostAddresses addresses;
} Host;

/* Opens the socket.  If there is none, addresses are read anew each time. */
void host_open(Host *host);
void host_done(Host *host);

/* Reads pending messages.  Returns whether the addresses may have changed. */
bool host_refresh(Host *host);

/* Reads what isn't known.  has_guests: whether helpers state anything; bridges: those on which addresses
 * were seen. Returns 0 or a negative errno. */
int host_read(Host *host, bool has_guests, const SeenBridge *bridges, size_t n_bridges);

/* What depends on bridges is out of date: they are others now. */
void host_forget(Host *host);
