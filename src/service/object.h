/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus object /org/libvirt/Resolve1: its methods and properties, as described in
 * dbus/org.libvirt.Resolve1.xml.
 */

#include "service/manager.h"

/* Allocates the state of the methods.  Returns 0 or -ENOMEM. */
int object_setup(Manager *m);

/* Emits signals about changes, and answers pending calls of WaitForHostname().  A handler for
 * Manager.changed. */
void object_report_changes(Manager *m, const Catalog *before, int64_t before_time, int64_t now);

/* Adds the object to a connection.  Returns 0 or a negative errno. */
int object_add(Manager *m, sd_bus *bus);
