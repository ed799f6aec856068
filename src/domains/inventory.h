/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The domains that run and the networks that are active, as last heard of.
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

/* Adds the domain or replaces the one of its UUID, and takes it over in any case.  Returns 0, -E2BIG if
 * there are RUNNING_DOMAINS_MAX, or -ENOMEM. */
int inventory_set_domain(Inventory *inventory, Domain *domain);
void inventory_remove_domain(Inventory *inventory, const char *uuid);

/* Returns 0, -E2BIG if there are NETWORKS_MAX, or -ENOMEM. */
int inventory_add_network(Inventory *inventory, const Network *network);
void inventory_clear_networks(Inventory *inventory);

/* Removes the domains of which a tap is gone.  Only right without libvirt: with it, a NIC may be detached.
 */
void inventory_prune(Inventory *inventory, const Links *links);

/* Returns a domain of which a tap has another master than at the last call, or NULL. */
const Domain *inventory_next_moved(Inventory *inventory, const Links *links);
