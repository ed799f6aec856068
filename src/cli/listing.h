/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's lists, each fetched once, when it is first needed.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

typedef struct Listing {
        sd_bus *bus;
        json_t *leases, *networks, *guests; /* NULL: not fetched yet */
        int error;                          /* 0, or the negative errno of a failed fetch */
} Listing;

/* The arrays that ListLeases(), ListNetworks() and ListGuests() return; empty if the service doesn't answer.
 */
const json_t *listing_leases(Listing *l);
const json_t *listing_networks(Listing *l);
const json_t *listing_guests(Listing *l);

/* The network of a bridge, even if there is no such interface now; or NULL. */
const json_t *listing_find_network(Listing *l, const char *interface);

/* Sets the key "interface" of each answer that lacks it, because its bridge is missing now or is on another
 * host: from the networks, else from the lease of its address.  Returns 0 or a negative errno. */
int listing_add_interfaces(Listing *l, json_t *answer);

/* Sets the key "source" of each answer whose address is a domain's, and the keys "tap", "confirmed" and
 * "contested" if the address was seen.  Returns 0 or a negative errno. */
int listing_add_sources(Listing *l, json_t *answer);

/* Frees the lists; the bus stays open. */
void listing_clear(Listing *l);
