/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the service lists, asked for once, when it is first needed.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

typedef struct Listing {
        sd_bus *bus;
        json_t *leases, *networks, *guests; /* NULL: not asked for yet */
        int error;                 /* 0, or why one of them couldn't be asked for */
} Listing;

/* Arrays, as ListLeases(), ListNetworks() and ListGuests() return them.  Empty if the service doesn't say. */
const json_t *listing_leases(Listing *l);
const json_t *listing_networks(Listing *l);
const json_t *listing_guests(Listing *l);

/* The network of a bridge, whether or not there is such an interface now; or NULL. */
const json_t *listing_find_network(Listing *l, const char *interface);

/* Sets the key "interface" of each answer that lacks it, as its bridge isn't there now or is another host's:
 * from the networks, else from the lease of its address.  Returns 0 or a negative errno. */
int listing_add_interfaces(Listing *l, json_t *answer);

/* Sets the keys "source", and of an address that was seen "tap", "confirmed" and "contested", of each answer
 * whose address is a domain's.  Returns 0 or a negative errno. */
int listing_add_sources(Listing *l, json_t *answer);

/* Forgets the lists; the bus stays open. */
void listing_clear(Listing *l);
