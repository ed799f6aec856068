/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Running domains and active networks.
 */

#include "domains/inventory.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

static void remove_at(Inventory *inventory, size_t i) {
        domain_free(inventory->domains[i]);
        memmove(inventory->domains + i, inventory->domains + i + 1,
                        (--inventory->n_domains - i) * sizeof(inventory->domains[0]));
}

void inventory_remove_domain(Inventory *inventory, const char *uuid) {
        for (size_t i = 0; i < inventory->n_domains; i++)
                if (strcmp(inventory->domains[i]->uuid, uuid) == 0) {
                        remove_at(inventory, i);
                        return;
                }
}

int inventory_set_domain(Inventory *inventory, Domain *domain) {
        _cleanup_(domain_freep) Domain *d = domain;
        Domain **grown;
        size_t i = 0;

        inventory_remove_domain(inventory, d->uuid);
        if (inventory->n_domains >= RUNNING_DOMAINS_MAX)
                return -E2BIG;
        grown = array_grow(inventory->domains, inventory->n_domains, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        inventory->domains = grown;
        while (i < inventory->n_domains && strcmp(grown[i]->name, d->name) < 0)
                i++;
        memmove(grown + i + 1, grown + i, (inventory->n_domains++ - i) * sizeof(*grown));
        grown[i] = TAKE_PTR(d);
        return 0;
}

void inventory_clear_networks(Inventory *inventory) {
        free(inventory->networks);
        inventory->networks = NULL;
        inventory->n_networks = 0;
}

int inventory_add_network(Inventory *inventory, const Network *network) {
        Network *grown;

        if (inventory->n_networks >= NETWORKS_MAX)
                return -E2BIG;
        grown = array_grow(inventory->networks, inventory->n_networks, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        inventory->networks = grown;
        grown[inventory->n_networks++] = *network;
        return 0;
}

void inventory_clear(Inventory *inventory) {
        while (inventory->n_domains > 0)
                remove_at(inventory, inventory->n_domains - 1);
        free(inventory->domains);
        inventory->domains = NULL;
        inventory_clear_networks(inventory);
}

static bool domain_lost_tap(const Domain *domain, const Links *links) {
        for (size_t i = 0; i < domain->n_nics; i++)
                if (domain->nics[i].tap[0] != '\0' && !links_find(links, domain->nics[i].tap))
                        return true;
        return false;
}

void inventory_prune(Inventory *inventory, const Links *links) {
        for (size_t i = inventory->n_domains; i-- > 0;)
                if (domain_lost_tap(inventory->domains[i], links))
                        remove_at(inventory, i);
}

/* Records the masters of a domain's taps.  Returns whether one has changed. */
static bool domain_note_masters(Domain *domain, const Links *links) {
        bool moved = false;

        for (size_t i = 0; i < domain->n_nics; i++) {
                Nic *nic = &domain->nics[i];
                const Link *tap = nic->tap[0] != '\0' ? links_find(links, nic->tap) : NULL;

                /* libvirt reports a tap that vanishes. */
                if (tap && tap->master != nic->master) {
                        moved = moved || nic->master != MASTER_UNKNOWN;
                        nic->master = tap->master;
                }
        }
        return moved;
}

const Domain *inventory_next_moved(Inventory *inventory, const Links *links) {
        for (size_t i = 0; i < inventory->n_domains; i++)
                if (domain_note_masters(inventory->domains[i], links))
                        return inventory->domains[i];
        return NULL;
}
