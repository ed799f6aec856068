/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * systemd's properties and units, over the bus.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

/* systemd's major version.  Returns 0 or a negative errno. */
int systemd_get_version(sd_bus *bus, unsigned *ret);

/* Reads a unit's properties and those of its type ("Service", "Socket") into one object.  A unit that doesn't
 * exist has the LoadState "not-found".  Returns 0 or a negative errno. */
int systemd_get_unit(sd_bus *bus, const char *unit, const char *type, json_t **ret);

bool systemd_unit_is_enabled(const json_t *unit);

/* Enable and disable a unit at boot; start and stop it now: this begins a job without waiting for its end.
 * These need root.  Each returns 0, or a negative errno and the error. */
int systemd_enable_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_disable_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_start_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_stop_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
