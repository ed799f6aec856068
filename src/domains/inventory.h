/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The last known running domains and active networks.
 */

#include "domains/domain.h"
#include "helper/links.h"
#include "domains/network.h"

typedef struct Inventory {
        Domain **domains; /* by name */
        size_t n_domains;
        Network *networks;
        size_t n_networks;
} Inventory;

void inventory_clear(Inventory *inventory);

/* Adds the domain, or replaces the one with its UUID, and always takes ownership of it.  Returns 0, -E2BIG if
 * there are RUNNING_DOMAINS_MAX, or -ENOMEM. */
int inventory_set_domain(Inventory *inventory, Domain *domain);
void inventory_remove_domain(Inventory *inventory, const char *uuid);

/* Returns 0, -E2BIG if there are NETWORKS_MAX, or -ENOMEM. */
int inventory_add_network(Inventory *inventory, const Network *network);
void inventory_clear_networks(Inventory *inventory);

/* Removes domains with a missing tap.  Only correct while disconnected from libvirt: otherwise a NIC may be
 * detached. */
void inventory_prune(Inventory *inventory, const Links *links);

/* Returns a domain one of whose taps has another master than at the last call, or NULL. */
const Domain *inventory_next_moved(Inventory *inventory, const Links *links);
