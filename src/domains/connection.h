/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The read-only connection to libvirt.  While it is open, libvirt's events keep the inventory current; they
 * are dispatched by libvirt's own event loop, virEventRunDefaultImpl().
 */

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "domains/inventory.h"

#define DOMAIN_EVENTS_MAX 3

typedef struct Connection {
        Inventory *inventory;
        virConnectPtr libvirt; /* NULL: not connected */
        int domain_events[DOMAIN_EVENTS_MAX], network_event;
        bool lost;        /* libvirt closed it: to be closed here, too */
        bool changed;     /* the inventory has */
        bool said_failed; /* once is enough */
} Connection;

/* Connects and replaces the inventory by what runs.  Returns 0 or -ENOTCONN, after having said why. */
int connection_open(Connection *c);
void connection_close(Connection *c);

/* Replaces the inventory by what runs now.  Returns 0 or -ENOTCONN. */
int connection_list(Connection *c);

/* Reads a domain's XML again. */
void connection_read_domain(Connection *c, const char *uuid);
