/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests: the network cards (NICs) of running domains, each with the addresses that are known of it, or
 * the reason why none is.
 */

#include "names/catalog.h"

/* An address of a NIC: a binding, a claim that was seen, or both. */
typedef struct GuestAddress {
        uint32_t network;
        MacAddress mac;
        const CatalogBinding *binding; /* NULL: it is refused */
        const JudgedAddress *seen;     /* NULL: it wasn't seen */
} GuestAddress;

typedef struct Guest {
        const char *domain;
        const StatedNic *nic;  /* what is stated of it; or NULL */
        const char *interface; /* the bridge; NULL: none */
        MacAddress mac;        /* valid if has_mac */
        bool has_mac;
        size_t n_addresses;
        const GuestAddress *addresses; /* leases and static names, then what was seen */
} Guest;

/* Points into the catalog and the list of NICs, which must outlive it. */
typedef struct GuestList {
        size_t n_guests;
        Guest *guests; /* by domain, bridge and MAC address */
        size_t n_addresses;
        GuestAddress *addresses;
} GuestList;

/* Frees what the list owns.  For _cleanup_(). */
void guest_list_done(GuestList *list);

/* Makes the list of the NICs that are stated (NULL: none) and of those in the catalog's MAC maps.  NICs
 * whose tap isn't among the host's interfaces are gone.  Returns 0 or -ENOMEM. */
int guest_list_make(const Catalog *catalog, const NicList *nics, const HostAddresses *host, GuestList *ret);

/* Whether an address is answered for the domain at now (seconds since the epoch). */
bool guest_address_is_answered(const Catalog *catalog, const GuestAddress *address, int64_t now);

/* Why none of a guest's addresses is answered at now: a clause; NULL if one is.  bridges: the n on which
 * addresses are watched for. */
const char *guest_reason(const Catalog *catalog, const Guest *guest, const HostAddresses *host,
                const SeenBridge *bridges, size_t n_bridges, int64_t now);
