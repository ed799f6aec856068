/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests whose names go into DNS: the administrator's choice of networks and zones, and the resulting
 * records.  No bus, no clock.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/address.h"
#include "util/limits.h"

typedef struct Prefix {
        Address address;
        unsigned length;
} Prefix;

typedef struct Selection {
        const char *interfaces[DDNS_CHOICES_MAX];
        Prefix prefixes[DDNS_CHOICES_MAX];
        const char *zones[DDNS_CHOICES_MAX]; /* folded, without a final dot; the first one is the forward zone
                                              */
        size_t n_interfaces, n_prefixes, n_zones;
        bool hostnames;
} Selection;

/* Reads "192.0.2.0/24" or "2001:db8::/64".  Returns 0 or -EINVAL. */
int prefix_parse(const char *text, Prefix *ret);

bool prefix_contains(const Prefix *prefix, const Address *address);

/* Folds a zone's name and removes its final dot.  Returns 0; -EINVAL: it isn't the name of a zone. */
int zone_name_parse(const char *text, char buffer[static DDNS_ZONE_SIZE]);

/*
 * Makes the records of the guests: an object of owner names (without a final dot), each with "zone" (an
 * index), "mac", "name" (the forward name) and "records", a sorted array of "TYPE DATA".  guests and leases:
 * the replies of ListGuests() and ListLeases(), read by value_read(); leases may be NULL.  Returns 0 or
 * -ENOMEM.
 */
int selection_make(const Selection *s, const json_t *guests, const json_t *leases, json_t **ret);
