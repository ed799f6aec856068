/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * D-Bus values as JSON values: dictionaries become objects, 4 or 16 bytes the text of an address.  Properties
 * that a newer service adds are shown, too.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

/* Reads the message's next value.  Returns 0 or a negative errno. */
int value_read(sd_bus_message *m, json_t **ret);
