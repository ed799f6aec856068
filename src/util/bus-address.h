/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which bus is asked.  The system's own, unless the environment names another
 * one that is as harmless: any process resolves names, so an address must not
 * make it look up names (tcp:) or run programs (unixexec:).
 */

#define BUS_ADDRESS_DEFAULT "unix:path=/run/dbus/system_bus_socket"

/* value: of DBUS_SYSTEM_BUS_ADDRESS, or NULL.  Returns it if it is one
 * unix:path= or unix:abstract= address, else the default. */
const char *bus_address_choose(const char *value);
