/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's facts: domains.json and networks.json, as described in libvirt-resolve-facts(5).
 */

#include <jansson.h>

#include "domains/inventory.h"
#include "helper/links.h"

/* Both return NULL if there is no memory.  A NIC whose tap doesn't exist is left out: it was just detached,
 * or its domain has ended, and libvirt's event follows. */
json_t *facts_of_domains(const Inventory *inventory, const Links *links);
json_t *facts_of_networks(const Inventory *inventory);
