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
#define BUS_ERROR_TIMED_OUT "org.libvirt.Resolve1.TimedOut"
#define BUS_ERROR_LEASES_UNAVAILABLE "org.libvirt.Resolve1.LeasesUnavailable"

#define OBJECT_FLAGS_ALL ((uint64_t) INDEX_LEASE | (uint64_t) INDEX_DOMAIN)

static inline bool flags_want(uint64_t flags, IndexVariant variant) {
        return flags == 0 || (flags & variant);
}

/* 0, or a negative errno with *error set: for the arguments that several methods take. */
int object_check_flags(uint64_t flags, sd_bus_error *error);
int object_check_ifindex(int ifindex, sd_bus_error *error);

/* Brings the index up to date; fails where there is nothing to answer from. */
int object_refresh(Manager *m, sd_bus_error *error);

/* Prepares the manager for being asked over the bus.  Returns 0 or -ENOMEM. */
int object_setup(Manager *m);

/* Tells the bus, and the calls that wait, what changed: Manager.changed of those. */
void object_tell_changes(Manager *m, const Catalog *before, int64_t before_time, int64_t now);

/* Adds the object to a connection.  Returns 0 or a negative errno. */
int object_add(Manager *m, sd_bus *bus);
