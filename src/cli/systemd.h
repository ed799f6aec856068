/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What systemd says, on the bus, of itself and of its units.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

/* The major version.  Returns 0 or a negative errno. */
int systemd_get_version(sd_bus *bus, unsigned *ret);

/* A unit's properties and, among them, those of its type ("Service", "Socket").  A unit that doesn't exist
 * has the LoadState "not-found".  Returns 0 or a negative errno. */
int systemd_get_unit(sd_bus *bus, const char *unit, const char *type, json_t **ret);

bool systemd_unit_is_enabled(const json_t *unit);

/* Whether it is started at boot; and starting and ending it now, which begins a job and doesn't wait for its
 * end. Only root may.  Each returns 0 or a negative errno and the error. */
int systemd_enable_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_disable_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_start_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
int systemd_stop_unit(sd_bus *bus, const char *unit, sd_bus_error *error);
