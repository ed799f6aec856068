/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A lease of a catalog in a message, as a dictionary a{sv}: in the reply of ListLeases(), and in signals.
 */

#include "service/manager.h"

/* Appends a lease, with its names in the variants that flags want.  Returns 0 or a negative errno. */
int object_append_lease(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags);

/* Append the entry "names", and the entries that say why names aren't answered, if any aren't. */
int object_append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags);
int object_append_explanation(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l);

/* At least the bytes that object_append_lease() appends. */
size_t lease_message_size(const Catalog *catalog, const CatalogBinding *l);
