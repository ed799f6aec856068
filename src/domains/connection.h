/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The read-only connection to libvirt.  While it is open, libvirt's events keep the inventory current;
 * libvirt's own event loop, virEventRunDefaultImpl(), dispatches them.
 */

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "domains/inventory.h"

#define DOMAIN_EVENTS_MAX 3

typedef struct Connection {
        Inventory *inventory;
        virConnectPtr libvirt; /* NULL: not connected */
        int domain_events[DOMAIN_EVENTS_MAX], network_event;
        bool lost;           /* libvirt closed it, so it must be closed here */
        bool changed;        /* the inventory changed */
        bool failure_logged; /* of connecting */
} Connection;

/* Connects and replaces the inventory with the running domains.  Returns 0, or -ENOTCONN after logging why.
 */
int connection_open(Connection *c);
void connection_close(Connection *c);

/* Replaces the inventory with the running domains.  Returns 0 or -ENOTCONN. */
int connection_list(Connection *c);

/* Reads a domain's XML again. */
void connection_read_domain(Connection *c, const char *uuid);
