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

/* A time on two clocks: usec goes on whatever the wall clock is set to, and sec is the wall clock. */
typedef struct Moment {
        uint64_t usec; /* CLOCK_BOOTTIME */
        int64_t sec;   /* since the epoch */
} Moment;

#define NEVER UINT64_MAX

/* Port numbers are interface indices. */
#define PORT_NONE 0
#define PORT_UNKNOWN (-1) /* the bridge can't tell */

typedef enum SightingState {
        SIGHTING_CLAIMED,   /* not confirmed yet: stated nowhere */
        SIGHTING_CONFIRMED, /* its NIC has answered for it */
        SIGHTING_REFUSED,
} SightingState;

/* An address that a NIC claims. */
typedef struct Sighting {
        Address address;
        ClaimSource by;
        SightingState state;
        bool in_use;               /* false: about to be taken */
        bool rivals;               /* another NIC has the address, and is asked first */
        bool awaits_answer;        /* a question was sent */
        unsigned n_asked;          /* without an answer */
        uint64_t due;              /* when the next thing is to be done about it, or NEVER */
        int64_t first_seen;        /* the three as stated */
        int64_t confirmed;
        int64_t refused_until;
        const char *refused;       /* why, a clause */
} Sighting;

typedef struct Nic {
        MacAddress mac;
        int tap;                   /* behind which it is */
        int port;                  /* where the bridge has it now */
        bool port_is_tap;
        int rival_port;            /* where it was, too; PORT_NONE: the NIC isn't contested */
        uint64_t contested_until;
        uint64_t asked;            /* when it was asked last */
        bool is_current;           /* during a dump of the bridge: it was in it */
        Sighting *sightings;
        size_t n_sightings;
} Nic;

Nic *nic_free(Nic *nic);
DEFINE_CLEANUP(Nic *, nic_free);

/* NULL: it doesn't claim the address. */
Sighting *nic_find(const Nic *nic, const Address *address);

/* Adds a claim.  NULL: it has SEEN_NIC_CLAIMS_MAX that aren't confirmed, or memory is short. */
Sighting *nic_add(Nic *nic, const Sighting *sighting);

/* Pointers to the NIC's sightings aren't valid any more. */
void nic_remove(Nic *nic, Sighting *sighting);

/* How many are in that state; family AF_UNSPEC: of both. */
size_t nic_count(const Nic *nic, SightingState state, int family);

/* Of its confirmed addresses in a family the one to give up for a new one: not that of the MAC address itself
 * (EUI-64) while there are others, and the one that was confirmed least recently.  NULL: it has none. */
Sighting *nic_least(const Nic *nic, int family);
