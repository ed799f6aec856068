/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The connection to the system bus: opened without waiting, and reopened after a failure.
 */

#include "service/manager.h"

typedef struct BusLink BusLink;

/*
 * Connects, adds the service's objects, and requests the bus name.  Calls ready once, when the name is
 * acquired.  If the bus refuses the name, ends the event loop with a failure.  If the bus is unreachable, or
 * the connection breaks, connects again.  Returns 0 and the link, or a negative errno: -ENOMEM.
 */
int bus_link_new(Manager *m, void (*ready)(Manager *m), BusLink **ret);
BusLink *bus_link_free(BusLink *link);
DEFINE_CLEANUP(BusLink *, bus_link_free);
