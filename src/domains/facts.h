/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the helper states: domains.json and networks.json, as libvirt-resolve-facts(5) describes them.
 */

#include <jansson.h>

#include "domains/inventory.h"
#include "helper/links.h"

/* Both return NULL if memory is short.  A NIC whose tap doesn't exist is left out: it was just detached, or
 * its domain ended, and libvirt's event comes next. */
json_t *facts_of_domains(const Inventory *inventory, const Links *links);
json_t *facts_of_networks(const Inventory *inventory);
