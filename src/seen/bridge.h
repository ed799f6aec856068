/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Linux bridge: the NICs behind its taps, and the rules for their claims.  Pure: the time and the kernel's
 * reports are arguments.
 *
 * A claim counts if the bridge has learned its MAC address behind one tap, and nowhere else for a minute;
 * otherwise the NIC is contested.  The claim is then confirmed by a question to the NIC, through that tap;
 * the answer is checked by the same rule.  So an attacker must forge another NIC's frame twice undetected,
 * and the victim must answer for an address that it doesn't have.
 */

#include <stdbool.h>
#include <stddef.h>

#include "helper/links.h"
#include "names/host-addresses.h"
#include "seen/nic.h"
#include "seen/question.h"

typedef struct Bridge {
        int index;
        char name[INTERFACE_NAME_SIZE];
        MacAddress mac;
        size_t n_taps;
        const HostAddresses *host;
        Nic **nics; /* by MAC address */
        size_t n_nics;
        uint64_t questions_since; /* start of counting for SEEN_QUESTIONS_MAX questions a second */
        bool changed;             /* the facts changed */
} Bridge;

Bridge *bridge_free(Bridge *bridge);
DEFINE_CLEANUP(Bridge *, bridge_free);

const Nic *bridge_find(const Bridge *bridge, const MacAddress *mac);

/* ---- the kernel's reports ---- */

/* The bridge has learned a MAC address: on a tap, on another port, or on a port that it can't name
 * (PORT_UNKNOWN). */
void bridge_learned(Bridge *bridge, const MacAddress *mac, int port, bool is_tap, Moment now);

/* The bridge has forgotten a MAC address. */
void bridge_forgot(Bridge *bridge, const MacAddress *mac, int port);

/* A tap has left the bridge: removes its NICs. */
void bridge_remove_tap(Bridge *bridge, int tap);

/* Enclose a dump of the bridge's forwarding database. */
void bridge_begin_dump(Bridge *bridge);
void bridge_end_dump(Bridge *bridge);

/* The kernel got no answer from an address. */
void bridge_address_failed(Bridge *bridge, const Address *address, Moment now);

/* The host's addresses have changed. */
void bridge_host_changed(Bridge *bridge, Moment now);

/* The wall clock was set: asks again for all stated addresses. */
void bridge_clock_set(Bridge *bridge, Moment now);

/* ---- claims ---- */

/* Handles a claim.  The caller has handled everything that the bridge learned before its frame. */
void bridge_claim(Bridge *bridge, const Claim *claim, Moment now);

/* Adopts a confirmed sighting that was stated before a restart, and asks for it at once.  Returns whether it
 * did. */
bool bridge_restore(Bridge *bridge, const MacAddress *mac, int tap, const Sighting *sighting, Moment now);

/* ---- questions ---- */

/* Handles due sightings.  Returns true and a question to send, or false if there is none now. */
bool bridge_next_question(Bridge *bridge, Moment now, Question *ret);

/* When to call bridge_next_question() again, or NEVER. */
uint64_t bridge_due(const Bridge *bridge, Moment now);
