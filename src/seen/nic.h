/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A network card (NIC) of a guest: a MAC address behind a tap, and the addresses that it was seen to claim.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seen/frame.h"
#include "util/address.h"
#include "util/limits.h"
#include "util/util.h"

/* A point in time on two clocks: usec isn't affected by setting the wall clock. */
typedef struct Moment {
        uint64_t usec; /* CLOCK_BOOTTIME */
        int64_t sec;   /* since the epoch */
} Moment;

#define NEVER UINT64_MAX

/* Port numbers are interface indices. */
#define PORT_NONE 0
#define PORT_UNKNOWN (-1) /* the bridge can't name it */

typedef enum SightingState {
        SIGHTING_CLAIMED,   /* not confirmed yet, and not stated */
        SIGHTING_CONFIRMED, /* its NIC has answered for it */
        SIGHTING_REFUSED,
} SightingState;

/* An address that a NIC claims. */
typedef struct Sighting {
        Address address;
        ClaimSource by;
        SightingState state;
        bool in_use;        /* false: about to be taken */
        bool rivals;        /* another NIC holds the address, and is asked first */
        bool awaits_answer; /* a question is pending */
        bool logged;        /* that it is refused */
        unsigned n_asked;   /* questions without an answer */
        uint64_t due;       /* when it needs attention next, or NEVER */
        int64_t first_seen; /* this and the next two as stated */
        int64_t confirmed;
        int64_t refused_until;
        const char *refused; /* the reason, a clause */
} Sighting;

typedef struct Nic {
        MacAddress mac;
        int tap;  /* the tap in front of it */
        int port; /* where the bridge knows it now */
        bool port_is_tap;
        int rival_port; /* the other port; PORT_NONE: the NIC isn't contested */
        uint64_t contested_until;
        uint64_t asked;  /* time of the last question */
        bool is_current; /* during a dump of the bridge: was in the dump */
        Sighting *sightings;
        size_t n_sightings;
} Nic;

Nic *nic_free(Nic *nic);
DEFINE_CLEANUP(Nic *, nic_free);

/* NULL: it doesn't claim the address. */
Sighting *nic_find(const Nic *nic, const Address *address);

/* Adds a claim.  Returns NULL if it has SEEN_NIC_CLAIMS_MAX unconfirmed ones, or there is no memory. */
Sighting *nic_add(Nic *nic, const Sighting *sighting);

/* Invalidates pointers to the NIC's sightings. */
void nic_remove(Nic *nic, Sighting *sighting);

/* The number of sightings in that state; family AF_UNSPEC: of both families. */
size_t nic_count(const Nic *nic, SightingState state, int family);

/* The confirmed address of a family to drop for a new one: the one confirmed least recently, but the one
 * derived from the MAC address (EUI-64) last.  NULL: it has none. */
Sighting *nic_least(const Nic *nic, int family);
