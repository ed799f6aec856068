/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Linux bridge: the NICs behind its taps, and the rules for what they claim.  Pure: the time, and what
 * the kernel says, are arguments.
 *
 * A claim counts if the bridge learned its MAC address behind one tap only, and learned it nowhere else for
 * a minute; else the NIC is contested.  The claim is then confirmed by a question to the NIC, by that tap;
 * the answer is held against the same rule.  So a forged frame has to be taken for another NIC's twice, and
 * the victim has to answer for an address that it doesn't have.
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
        uint64_t questions_since; /* what a rate of SEEN_QUESTIONS_MAX a second allows is counted from then */
        bool changed;             /* what is stated */
} Bridge;

Bridge *bridge_free(Bridge *bridge);
DEFINE_CLEANUP(Bridge *, bridge_free);

const Nic *bridge_find(const Bridge *bridge, const MacAddress *mac);

/* ---- what the kernel says ---- */

/* The bridge has learned where a MAC address is: on a tap, another port, or it can't tell (PORT_UNKNOWN). */
void bridge_learned(Bridge *bridge, const MacAddress *mac, int port, bool is_tap, Moment now);

/* … and has forgotten it. */
void bridge_forgot(Bridge *bridge, const MacAddress *mac, int port);

/* A tap has left the bridge: its NICs go. */
void bridge_remove_tap(Bridge *bridge, int tap);

/* Around a dump of what the bridge has learned. */
void bridge_begin_dump(Bridge *bridge);
void bridge_end_dump(Bridge *bridge);

/* The kernel found nobody at an address. */
void bridge_address_failed(Bridge *bridge, const Address *address, Moment now);

/* The host's addresses have changed. */
void bridge_host_changed(Bridge *bridge, Moment now);

/* The wall clock was set: what is stated is asked for again. */
void bridge_clock_set(Bridge *bridge, Moment now);

/* ---- claims ---- */

/* A frame has come, and all that the bridge learned before was taken in. */
void bridge_claim(Bridge *bridge, const Claim *claim, Moment now);

/* Takes over a confirmed sighting that was stated before a restart, and asks for it at once.  Returns
 * whether it did. */
bool bridge_restore(Bridge *bridge, const MacAddress *mac, int tap, const Sighting *sighting, Moment now);

/* ---- questions ---- */

/* Does what is due.  Returns true and a question that is to be sent, or false if there is none for now. */
bool bridge_next_question(Bridge *bridge, Moment now, Question *ret);

/* When bridge_next_question() has to be called again; NEVER. */
uint64_t bridge_due(const Bridge *bridge, Moment now);
