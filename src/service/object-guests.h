/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus method ListGuests(), and guests' addresses in signals.
 */

#include "service/manager.h"

/* Appends an address that was seen as a{sv}, with the keys of an address in ListGuests() and those of its
 * network card. */
int object_append_seen(Manager *m, sd_bus_message *reply, const Catalog *catalog,
                const CatalogBinding *binding);

int method_list_guests(sd_bus_message *call, void *userdata, sd_bus_error *error);
