/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The connection to the system bus: made without waiting, made again when the
 * bus went away.
 */

#include "service/manager.h"

typedef struct BusLink BusLink;

/*
 * Connects, adds the service's objects, and asks for its name.  ready is called once
 * the name is ours.  If the bus refuses the name the event loop is ended with a failure; if it can't
 * be reached, or the connection breaks, before or after that, the service connects again.
 * Returns 0 and the link, or a negative errno: -ENOMEM.
 */
int bus_link_new(Manager *m, void (*ready)(Manager *m), BusLink **ret);
BusLink *bus_link_free(BusLink *link);
DEFINE_CLEANUP(BusLink *, bus_link_free);
