/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The choice of a bus: the system's own, unless the environment names another one that is as harmless.  Any
 * process resolves names, so an address must not make it look up names (tcp:) or run programs (unixexec:).
 */

#define BUS_ADDRESS_DEFAULT "unix:path=/run/dbus/system_bus_socket"

/* value: that of DBUS_SYSTEM_BUS_ADDRESS, or NULL.  Returns it if it is a single unix:path= or
 * unix:abstract= address, else the default. */
const char *bus_address_choose(const char *value);
