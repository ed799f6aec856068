/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * org.freedesktop.LogControl1, for "systemctl service-log-level".
 */

#include <systemd/sd-bus.h>

/* Adds the object to a connection.  Returns 0 or a negative errno. */
int log_control_add(sd_bus *bus);
