/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The running domains of all networks, found by MAC address and by name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names/form.h"
#include "source/domains-file.h"
#include "source/macs-file.h"

/* A domain on one network. */
typedef struct Domain {
        const char *name;
        uint32_t network;
        uint32_t first_form, n_forms; /* in DomainTable.forms */
        bool leased;                  /* one of its MAC addresses has a lease; set by the table's user */
} Domain;

typedef struct DomainMac {
        uint32_t network, domain;
        MacAddress mac;
        const char *tap; /* the host's side of the NIC; NULL: not known */
} DomainMac;

/* All zero: an empty table. */
typedef struct DomainTable {
        size_t n_domains, n_macs, n_forms, n_named;
        Domain *domains;
        DomainMac *macs; /* by network and MAC address, after domain_table_finish() */
        NameForm *forms; /* by domain */
        NameForm **by_key;
        uint32_t *by_name; /* the domains of MAC maps, by network and name, after domain_table_start_nics() */
} DomainTable;

/* Frees what the table owns.  For _cleanup_(). */
void domain_table_done(DomainTable *table);

/* Adds a domain of a network, unless its name isn't one.  The MAC map must outlive the table, the arena its
 * forms. Returns 0 or -ENOMEM. */
int domain_table_add(DomainTable *table, uint32_t network, const char *interface, const DomainMacs *macs,
                const NamePolicy *policy, Arena *arena);

/* After the last MAC map, and before the first NIC.  Returns 0 or -ENOMEM. */
int domain_table_start_nics(DomainTable *table);

/* Adds a NIC of a domain of a network, and the domain unless it is there, or its name isn't one.  The NICs
 * of a domain on a network come one after another.  The NIC must outlive the table, its domain's name is
 * copied to the arena. Returns 0 or -ENOMEM. */
int domain_table_add_nic(DomainTable *table, uint32_t network, const char *interface, const StatedNic *nic,
                const NamePolicy *policy, Arena *arena);

/* Sorts the table, after the last domain was added and before the first is looked up.  Returns 0 or
 * -ENOMEM. */
int domain_table_finish(DomainTable *table);

/* The domains of a network that have a MAC address: one, unless a MAC map is wrong.  Returns their number,
 * and the first in *ret, which others follow. */
size_t domain_table_find(const DomainTable *table, uint32_t network, const MacAddress *mac,
                const DomainMac **ret);

/* Whether a key is the name of a domain, but of none of the n given ones. */
bool domain_table_takes(const DomainTable *table, const char *key, const DomainMac *own, size_t n);
