/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus method ListGuests().
 */

#include <systemd/sd-bus.h>

int method_list_guests(sd_bus_message *call, void *userdata, sd_bus_error *error);
