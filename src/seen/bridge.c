/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The NICs of a bridge.
 */

#include "seen/bridge.h"

#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* How long before its end a stated address is confirmed again. */
#define REFRESH_SEC INT64_C(60)

/* How long the holder of an address may take to answer before a rival is asked. */
#define RIVAL_USEC (5 * USEC_PER_SEC / 2)

/* Each frame is a proof like an answer, but the facts only follow one of them in this time. */
#define RESTATE_SEC INT64_C(3600)

#define NO_NETWORK "it is in no network that the host has on the bridge"
#define HOSTS_OWN "it is one of the host's own"
#define HELD "another MAC address has it"

/* How long to wait for an answer before the next question, and the number of questions.  The guest first
 * checks whether another one has the address that it is about to take, which may take seconds. */
static const uint64_t waits_in_use[] = { USEC_PER_SEC, USEC_PER_SEC };
static const uint64_t waits_wanted[] = {
        9 * USEC_PER_SEC / 10,
        12 * USEC_PER_SEC / 10,
        12 * USEC_PER_SEC / 10,
};
#define WANTED_USEC (3 * USEC_PER_SEC / 10)

/* ---- NICs ---- */

/* The position of the MAC address, or where it belongs. */
static size_t nic_position(const Bridge *bridge, const MacAddress *mac, bool *ret_found) {
        size_t low = 0, high = bridge->n_nics;

        *ret_found = false;
        while (low < high && !*ret_found) {
                size_t middle = low + (high - low) / 2;
                int order = memcmp(&bridge->nics[middle]->mac, mac, sizeof(*mac));

                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
                if (order == 0) {
                        low = middle;
                        *ret_found = true;
                }
        }
        return low;
}

static Nic *find(const Bridge *bridge, const MacAddress *mac) {
        bool found;
        size_t i = nic_position(bridge, mac, &found);

        return found ? bridge->nics[i] : NULL;
}

const Nic *bridge_find(const Bridge *bridge, const MacAddress *mac) {
        return find(bridge, mac);
}

static bool is_stated(const Sighting *s) {
        return s->state != SIGHTING_CLAIMED;
}

static bool nic_is_stated(const Nic *nic) {
        return nic->n_sightings > nic_count(nic, SIGHTING_CLAIMED, AF_UNSPEC);
}

static void remove_nic(Bridge *bridge, size_t i) {
        bridge->changed = bridge->changed || nic_is_stated(bridge->nics[i]);
        nic_free(bridge->nics[i]);
        memmove(bridge->nics + i, bridge->nics + i + 1, (--bridge->n_nics - i) * sizeof(bridge->nics[0]));
}

static size_t tap_count_nics(const Bridge *bridge, int tap) {
        size_t n = 0;

        for (size_t i = 0; i < bridge->n_nics; i++)
                if (bridge->nics[i]->tap == tap)
                        n++;
        return n;
}

/* Returns NULL if the tap has SEEN_TAP_MACS_MAX, or there is no memory. */
static Nic *add_nic(Bridge *bridge, const MacAddress *mac, int tap) {
        _cleanup_(nic_freep) Nic *nic = NULL;
        Nic **grown;
        bool found;
        size_t i;

        if (tap_count_nics(bridge, tap) >= SEEN_TAP_MACS_MAX)
                return NULL;
        nic = calloc(1, sizeof(*nic));
        grown = nic ? array_grow(bridge->nics, bridge->n_nics, sizeof(*grown)) : NULL;
        if (!grown)
                return NULL;
        bridge->nics = grown;
        *nic = (Nic) { .mac = *mac, .tap = tap };
        i = nic_position(bridge, mac, &found);
        memmove(grown + i + 1, grown + i, (bridge->n_nics++ - i) * sizeof(*grown));
        grown[i] = TAKE_PTR(nic);
        return grown[i];
}

/* Removes the claims that aren't stated. */
static void drop_claims(Nic *nic) {
        for (size_t i = nic->n_sightings; i-- > 0;)
                if (!is_stated(nic->sightings + i))
                        nic_remove(nic, nic->sightings + i);
}

Bridge *bridge_free(Bridge *bridge) {
        if (!bridge)
                return NULL;
        for (size_t i = 0; i < bridge->n_nics; i++)
                nic_free(bridge->nics[i]);
        free(bridge->nics);
        free(bridge);
        return NULL;
}

/* ---- the kernel's reports ---- */

static bool nic_is_contested(const Nic *nic) {
        return nic->rival_port != PORT_NONE;
}

/* Marks the NIC as contested.  Another NIC may have made its unconfirmed claims. */
static void contest(Bridge *bridge, Nic *nic, int rival_port, Moment now) {
        bridge->changed = bridge->changed || (!nic_is_contested(nic) && nic_is_stated(nic));
        nic->rival_port = rival_port;
        nic->contested_until = now.usec + SEEN_CONTESTED_USEC;
        drop_claims(nic);
        for (size_t i = 0; i < nic->n_sightings; i++)
                nic->sightings[i].awaits_answer = false;
}

static void end_contest(Bridge *bridge, Nic *nic, Moment now) {
        if (!nic_is_contested(nic) || now.usec < nic->contested_until)
                return;
        nic->rival_port = PORT_NONE;
        bridge->changed = bridge->changed || nic_is_stated(nic);
}

/* The NIC's last port still counts after the bridge has forgotten it, as bridges do after minutes. */
void bridge_learned(Bridge *bridge, const MacAddress *mac, int port, bool is_tap, Moment now) {
        Nic *nic = find(bridge, mac);
        int known_port;

        if (!nic && is_tap)
                nic = add_nic(bridge, mac, port);
        if (!nic)
                return;
        known_port = nic->port != PORT_NONE ? nic->port : nic->tap;
        if (known_port != port)
                contest(bridge, nic, port == nic->tap ? known_port : port, now);
        nic->port = port;
        nic->port_is_tap = is_tap;
        nic->is_current = true;
}

/* A NIC without claims is dropped when the bridge forgets it. */
void bridge_forgot(Bridge *bridge, const MacAddress *mac, int port) {
        bool found;
        size_t i = nic_position(bridge, mac, &found);
        Nic *nic = found ? bridge->nics[i] : NULL;

        if (!nic || nic->port != port)
                return;
        nic->port = PORT_NONE;
        if (nic->n_sightings == 0 && !nic_is_contested(nic))
                remove_nic(bridge, i);
}

void bridge_remove_tap(Bridge *bridge, int tap) {
        for (size_t i = bridge->n_nics; i-- > 0;)
                if (bridge->nics[i]->tap == tap)
                        remove_nic(bridge, i);
}

void bridge_begin_dump(Bridge *bridge) {
        for (size_t i = 0; i < bridge->n_nics; i++)
                bridge->nics[i]->is_current = false;
}

void bridge_end_dump(Bridge *bridge) {
        for (size_t i = bridge->n_nics; i-- > 0;)
                if (!bridge->nics[i]->is_current) {
                        MacAddress mac = bridge->nics[i]->mac;

                        bridge_forgot(bridge, &mac, bridge->nics[i]->port);
                }
}

static void ask_anew(Sighting *s, Moment now) {
        s->n_asked = 0;
        s->due = now.usec;
}

/* The address is no longer stated, but asked for: the guest may only have been paused. */
void bridge_address_failed(Bridge *bridge, const Address *address, Moment now) {
        for (size_t i = 0; i < bridge->n_nics; i++) {
                Sighting *s = nic_find(bridge->nics[i], address);

                if (!s || s->state != SIGHTING_CONFIRMED)
                        continue;
                s->state = SIGHTING_CLAIMED;
                ask_anew(s, now);
                bridge->changed = true;
        }
}

void bridge_clock_set(Bridge *bridge, Moment now) {
        for (size_t i = 0; i < bridge->n_nics; i++)
                for (size_t j = 0; j < bridge->nics[i]->n_sightings; j++)
                        if (bridge->nics[i]->sightings[j].state == SIGHTING_CONFIRMED)
                                ask_anew(bridge->nics[i]->sightings + j, now);
}

/* ---- the host's addresses ---- */

/* The host's link-local address on the bridge. */
static const HostAddress *link_local_address(const Bridge *bridge) {
        for (size_t i = 0; i < bridge->host->n_addresses; i++) {
                const HostAddress *h = bridge->host->addresses + i;

                if (strcmp(h->interface, bridge->name) == 0 &&
                                address_is_link_local(h->address.family, h->address.bytes))
                        return h;
        }
        return NULL;
}

/* The host's address on the bridge whose network includes the given address, or NULL. */
static const HostAddress *on_link(const Bridge *bridge, const Address *address) {
        const HostAddress *h;

        if (address_is_link_local(address->family, address->bytes))
                return link_local_address(bridge);
        h = host_addresses_find(bridge->host, address);
        return h && strcmp(h->interface, bridge->name) == 0 ? h : NULL;
}

/* Returns why an address can't be a guest's on this bridge, or NULL. */
static const char *refusal(const Bridge *bridge, const Address *address) {
        if (host_addresses_is_own(bridge->host, address))
                return HOSTS_OWN;
        return on_link(bridge, address) ? NULL : NO_NETWORK;
}

static void refuse(Bridge *bridge, Sighting *s, const char *why, Moment now) {
        s->state = SIGHTING_REFUSED;
        s->refused = why;
        s->refused_until = now.sec + SEEN_REFUSED_SEC;
        s->due = now.usec + (uint64_t) SEEN_REFUSED_SEC * USEC_PER_SEC;
        s->awaits_answer = false;
        bridge->changed = true;
}

static void judge_anew(Bridge *bridge, Sighting *s, Moment now) {
        if (s->state != SIGHTING_REFUSED || strcmp(s->refused, HELD) == 0 || refusal(bridge, &s->address))
                return;
        s->state = SIGHTING_CLAIMED;
        ask_anew(s, now);
        bridge->changed = true;
}

void bridge_host_changed(Bridge *bridge, Moment now) {
        for (size_t i = 0; i < bridge->n_nics; i++)
                for (size_t j = 0; j < bridge->nics[i]->n_sightings; j++)
                        judge_anew(bridge, bridge->nics[i]->sightings + j, now);
}

/* ---- confirming ---- */

static size_t tap_count_confirmed(const Bridge *bridge, int tap) {
        size_t n = 0;

        for (size_t i = 0; i < bridge->n_nics; i++)
                if (bridge->nics[i]->tap == tap)
                        n += nic_count(bridge->nics[i], SIGHTING_CONFIRMED, AF_UNSPEC);
        return n;
}

/* All taps have equal shares of the bridge. */
static bool tap_is_full(const Bridge *bridge, int tap) {
        return tap_count_confirmed(bridge, tap) >= MAX2(1U, SEEN_BRIDGE_MAX / MAX2(1U, bridge->n_taps));
}

static uint64_t refresh_time(const Sighting *s, Moment now) {
        int64_t left = s->confirmed + SEEN_LIFETIME_SEC - REFRESH_SEC - now.sec;

        return now.usec + (left > 0 ? (uint64_t) left * USEC_PER_SEC : 0);
}

static void prove(Bridge *bridge, Sighting *s, Moment now) {
        s->state = SIGHTING_CONFIRMED;
        s->confirmed = now.sec;
        s->awaits_answer = false;
        s->n_asked = 0;
        s->in_use = true;
        s->due = refresh_time(s, now);
        bridge->changed = true;
}

/* Returns false if there is no room for another address. */
static bool make_room(const Bridge *bridge, Nic *nic, int family) {
        Sighting *least = nic_least(nic, family);

        if (nic_count(nic, SIGHTING_CONFIRMED, family) < SEEN_NIC_MAX && !tap_is_full(bridge, nic->tap))
                return true;
        if (least)
                nic_remove(nic, least);
        return least;
}

static void confirm(Bridge *bridge, Nic *nic, Sighting *s, Moment now) {
        Address address = s->address;

        if (s->state != SIGHTING_CONFIRMED && !make_room(bridge, nic, address.family)) {
                nic_remove(nic, s);
                return;
        }
        prove(bridge, nic_find(nic, &address), now);
}

/* ---- claims ---- */

/* Another NIC's confirmed sighting of the address, or NULL. */
static Sighting *find_holder(const Bridge *bridge, const Nic *nic, const Address *address) {
        for (size_t i = 0; i < bridge->n_nics; i++) {
                Sighting *s = bridge->nics[i] != nic ? nic_find(bridge->nics[i], address) : NULL;

                if (s && s->state == SIGHTING_CONFIRMED)
                        return s;
        }
        return NULL;
}

/* Asks the holder, which keeps the address if it answers. */
static void claim_held(Bridge *bridge, Sighting *s, Moment now) {
        Sighting *holder = find_holder(bridge, NULL, &s->address);

        if (!holder->awaits_answer)
                ask_anew(holder, now);
        s->rivals = true;
        s->due = now.usec + RIVAL_USEC;
}

static void add_claim(Bridge *bridge, Nic *nic, const Claim *claim, Moment now) {
        const char *why = refusal(bridge, &claim->address);
        const Sighting claimed = {
                .address = claim->address,
                .by = claim->by,
                .in_use = claim->in_use,
                .due = claim->in_use ? now.usec : now.usec + WANTED_USEC,
                .first_seen = now.sec,
        };
        Sighting *s = nic_add(nic, &claimed);

        if (!s)
                return;
        if (why)
                refuse(bridge, s, why, now);
        else if (find_holder(bridge, nic, &s->address))
                claim_held(bridge, s, now);
}

/* The NIC has been at another port long enough to have moved there. */
static void nic_move(Bridge *bridge, Nic *nic, Moment now) {
        nic->tap = nic->port;
        for (size_t i = 0; i < nic->n_sightings; i++) {
                nic->sightings[i].state = SIGHTING_CLAIMED;
                ask_anew(nic->sightings + i, now);
        }
        bridge->changed = true;
}

static bool is_answer(const Bridge *bridge, const Sighting *s, const Claim *claim) {
        return s->awaits_answer && claim->answer &&
               memcmp(&claim->to, &bridge->mac, sizeof(bridge->mac)) == 0;
}

static void take_claim(Bridge *bridge, Nic *nic, Sighting *s, const Claim *claim, Moment now) {
        if (is_answer(bridge, s, claim)) {
                confirm(bridge, nic, s, now);
                return;
        }
        if (!claim->in_use)
                return;
        if (s->state == SIGHTING_CONFIRMED && now.sec - s->confirmed >= RESTATE_SEC)
                prove(bridge, s, now);
        /* The guest has taken the address that it wanted. */
        if (s->state == SIGHTING_CLAIMED && !s->in_use) {
                s->in_use = true;
                if (!s->rivals)
                        ask_anew(s, now);
        }
}

void bridge_claim(Bridge *bridge, const Claim *claim, Moment now) {
        Nic *nic = find(bridge, &claim->mac);
        Sighting *s;

        if (!nic || nic->port == PORT_NONE || !nic->port_is_tap)
                return;
        end_contest(bridge, nic, now);
        if (nic_is_contested(nic))
                return;
        if (nic->port != nic->tap)
                nic_move(bridge, nic, now);
        s = nic_find(nic, &claim->address);
        if (s)
                take_claim(bridge, nic, s, claim, now);
        else
                add_claim(bridge, nic, claim, now);
}

bool bridge_restore(Bridge *bridge, const MacAddress *mac, int tap, const Sighting *sighting, Moment now) {
        Nic *nic = find(bridge, mac);
        Sighting *s;

        if (sighting->confirmed <= now.sec - SEEN_LIFETIME_SEC)
                return false;
        if (!nic)
                nic = add_nic(bridge, mac, tap);
        if (!nic || nic->tap != tap || nic_find(nic, &sighting->address) ||
                        refusal(bridge, &sighting->address) ||
                        nic_count(nic, SIGHTING_CONFIRMED, sighting->address.family) >= SEEN_NIC_MAX ||
                        tap_is_full(bridge, tap))
                return false;
        s = nic_add(nic, sighting);
        if (!s)
                return false;
        s->confirmed = MIN2(s->confirmed, now.sec); /* the clock may have been set back */
        s->in_use = true;
        ask_anew(s, now);
        bridge->changed = true;
        return true;
}

/* ---- questions ---- */

static size_t n_questions(const Sighting *s) {
        return s->in_use ? ELEMENTS(waits_in_use) : ELEMENTS(waits_wanted);
}

static uint64_t wait_usec(const Sighting *s) {
        return s->in_use ? waits_in_use[s->n_asked] : waits_wanted[s->n_asked];
}

/* When the sighting needs attention next. */
static uint64_t sighting_due(const Nic *nic, const Sighting *s) {
        return nic_is_contested(nic) ? MAX2(s->due, nic->contested_until) : s->due;
}

/* Whether all questions have been asked. */
static bool has_failed(const Bridge *bridge, const Sighting *s) {
        return s->state == SIGHTING_REFUSED || s->n_asked >= n_questions(s) || refusal(bridge, &s->address);
}

/* Handles a due sighting that needs no question. */
static void advance(Bridge *bridge, Nic *nic, Sighting *s, Moment now) {
        if (sighting_due(nic, s) > now.usec)
                return;
        if (s->rivals && find_holder(bridge, nic, &s->address)) {
                refuse(bridge, s, HELD, now);
                return;
        }
        s->rivals = false;
        if (!has_failed(bridge, s))
                return;
        bridge->changed = bridge->changed || is_stated(s);
        nic_remove(nic, s);
}

static void advance_all(Bridge *bridge, Moment now) {
        for (size_t i = 0; i < bridge->n_nics; i++) {
                Nic *nic = bridge->nics[i];

                end_contest(bridge, nic, now);
                for (size_t j = nic->n_sightings; j-- > 0;)
                        advance(bridge, nic, nic->sightings + j, now);
        }
}

/* Chooses the sighting to ask for: among the due ones, that of the tap asked least recently. */
static Sighting *choose(const Bridge *bridge, Moment now, Nic **ret_nic) {
        Sighting *chosen = NULL;
        Nic *chosen_nic = NULL;

        for (size_t i = 0; i < bridge->n_nics; i++) {
                Nic *nic = bridge->nics[i];

                for (size_t j = 0; j < nic->n_sightings; j++) {
                        Sighting *s = nic->sightings + j;

                        if (sighting_due(nic, s) > now.usec ||
                                        (chosen && (nic->asked > chosen_nic->asked ||
                                                                   (nic->asked == chosen_nic->asked &&
                                                                                   s->due >= chosen->due))))
                                continue;
                        chosen = s;
                        chosen_nic = nic;
                }
        }
        *ret_nic = chosen_nic;
        return chosen;
}

static bool may_ask(const Bridge *bridge, Moment now) {
        return bridge->questions_since + USEC_PER_SEC / SEEN_QUESTIONS_MAX <= now.usec;
}

static void count_question(Bridge *bridge, const Nic *nic, Moment now) {
        uint64_t oldest = now.usec > USEC_PER_SEC ? now.usec - USEC_PER_SEC : 0;

        bridge->questions_since = MAX2(bridge->questions_since, oldest) + USEC_PER_SEC / SEEN_QUESTIONS_MAX;
        for (size_t i = 0; i < bridge->n_nics; i++)
                if (bridge->nics[i]->tap == nic->tap)
                        bridge->nics[i]->asked = now.usec;
}

bool bridge_next_question(Bridge *bridge, Moment now, Question *ret) {
        Sighting *s;
        Nic *nic;

        advance_all(bridge, now);
        s = may_ask(bridge, now) ? choose(bridge, now, &nic) : NULL;
        if (!s)
                return false;
        *ret = (Question) {
                .tap = nic->tap,
                .to = nic->mac,
                .address = s->address,
                .from = bridge->mac,
                .from_address = on_link(bridge, &s->address)->address,
        };
        s->due = now.usec + wait_usec(s);
        s->n_asked++;
        s->awaits_answer = true;
        count_question(bridge, nic, now);
        return true;
}

uint64_t bridge_due(const Bridge *bridge, Moment now) {
        uint64_t due = NEVER;

        for (size_t i = 0; i < bridge->n_nics; i++) {
                const Nic *nic = bridge->nics[i];

                if (nic_is_contested(nic))
                        due = MIN2(due, nic->contested_until);
                for (size_t j = 0; j < nic->n_sightings; j++)
                        due = MIN2(due, sighting_due(nic, nic->sightings + j));
        }
        /* Questions that are already due wait for their turn. */
        if (due <= now.usec)
                due = MAX2(due, bridge->questions_since + USEC_PER_SEC / SEEN_QUESTIONS_MAX);
        return due;
}
