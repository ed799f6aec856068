/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Leases in bus messages, as dictionaries a{sv}: for the reply of ListLeases(), and for signals.
 */

#include "service/manager.h"

/* Appends a lease, with its names in the variants of flags.  Returns 0 or a negative errno. */
int lease_message_append(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags);

/* Append the entry "names", and entries with the reasons why names aren't answered, if there are any. */
int lease_message_append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags);
int lease_message_append_explanation(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l);

/* An upper bound of the bytes that lease_message_append() appends. */
size_t lease_message_size(const Catalog *catalog, const CatalogBinding *l);
