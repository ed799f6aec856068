/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the host's network looks like: its addresses, and, for the judging of addresses that were seen, its
 * interfaces and the next hops of its routes.  Read when it is needed for the first time, and again after
 * the kernel has told of a change.
 */

#include <stdbool.h>

#include "names/host-addresses.h"
#include "service/facts.h"

typedef struct Host {
        int fd;          /* the address monitor; or a negative errno */
        bool known;      /* addresses are as the last message that was read has them */
        bool has_guests; /* helpers state something: interfaces and routes matter, too */
        HostAddresses addresses;
} Host;

/* Opens the socket.  If there is none, addresses are read anew each time. */
void host_open(Host *host);
void host_done(Host *host);

/* Reads pending messages.  Returns whether the addresses changed.  facts: what helpers state, which says what
 * matters; NULL: nothing. */
bool host_refresh(Host *host, const Facts *facts);

/* Reads what isn't known.  Returns 0 or a negative errno. */
int host_read(Host *host, const Facts *facts);

/* What depends on the facts is out of date: they are others now. */
void host_forget(Host *host);
