/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The object /org/libvirt/Resolve1 on the bus: its methods and properties, as
 * dbus/org.libvirt.Resolve1.xml describes them.
 */

#include "resolved/manager.h"

#define BUS_NAME "org.libvirt.Resolve1"
#define BUS_PATH "/org/libvirt/Resolve1"
#define BUS_INTERFACE "org.libvirt.Resolve1"

#define BUS_ERROR_NO_SUCH_NAME "org.libvirt.Resolve1.NoSuchName"
#define BUS_ERROR_NO_SUCH_ADDRESS "org.libvirt.Resolve1.NoSuchAddress"
#define BUS_ERROR_NO_DATA "org.libvirt.Resolve1.NoData"
#define BUS_ERROR_NAME_REFUSED "org.libvirt.Resolve1.NameRefused"
#define BUS_ERROR_LEASES_UNAVAILABLE "org.libvirt.Resolve1.LeasesUnavailable"

/* Adds the object to a connection.  Returns 0 or a negative errno. */
int object_add(Manager *m, sd_bus *bus);
