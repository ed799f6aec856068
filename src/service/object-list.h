/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus methods that list: ListLeases() and ListNetworks().
 */

#include "service/manager.h"

/* What listings are followed by.  Returns 0 and what free() frees, or -ENOMEM. */
int list_rest_new(ListRest **ret);

int method_list_leases(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_list_networks(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* Refuses a listing while the last ones rest; and adds the rest of one that started at started (CLOCK_MONOTONIC, µs).
 * The check returns 0, or a negative errno and the error. */
int list_rest_check(Manager *m, const char *sender, sd_bus_error *error);
void list_rest_add(Manager *m, const char *sender, uint64_t started);

/* Append what object_append_lease() appends of names, and of why they aren't answered. */
int object_append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l, uint64_t flags);
int object_append_explanation(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l);

/* Appends a lease of a catalog as a{sv}, with the names of the variants that flags want. */
int object_append_lease(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags);
