/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus methods ListLeases() and ListNetworks().
 */

#include "service/manager.h"

int method_list_leases(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_list_networks(sd_bus_message *call, void *userdata, sd_bus_error *error);
