/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service's lists.
 */

#include "cli/listing.h"

#include <errno.h>
#include <string.h>

#include "cli/json.h"
#include "cli/service-client.h"

/* Whether the service runs, but refuses to list. */
static bool service_declined(const sd_bus_error *error) {
        return client_error_is_an_answer(error) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_LIMITS_EXCEEDED) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD);
}

static const json_t *fetch_once(Listing *l, json_t **list, const char *member, bool flags) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (*list)
                return *list;
        r = flags ? client_fetch(l->bus, &error, list, member, "t", UINT64_C(0)) :
                    client_fetch(l->bus, &error, list, member, "");
        if (r < 0)
                *list = json_array();
        if (r < 0 && !service_declined(&error))
                l->error = r;
        return *list;
}

const json_t *listing_leases(Listing *l) {
        return fetch_once(l, &l->leases, "ListLeases", true);
}

const json_t *listing_networks(Listing *l) {
        return fetch_once(l, &l->networks, "ListNetworks", false);
}

const json_t *listing_guests(Listing *l) {
        return fetch_once(l, &l->guests, "ListGuests", false);
}

const json_t *listing_find_network(Listing *l, const char *interface) {
        const json_t *network;
        size_t i;

        json_array_foreach(listing_networks(l), i, network)
                if (strcmp(json_text(network, "interface") ?: "", interface) == 0)
                        return network;
        return NULL;
}

/* The name of the bridge with this index, or NULL. */
static const char *find_interface_by_index(Listing *l, int64_t ifindex) {
        const json_t *network;
        size_t i;

        if (ifindex <= 0)
                return NULL;
        json_array_foreach(listing_networks(l), i, network)
                if (json_number(network, "ifindex") == ifindex)
                        return json_text(network, "interface");
        return NULL;
}

/* The bridge on which an address is leased, or NULL. */
static const char *find_interface(Listing *l, const char *address) {
        const json_t *lease;
        size_t i;

        json_array_foreach(listing_leases(l), i, lease)
                if (strcmp(json_text(lease, "address") ?: "", address) == 0)
                        return json_text(lease, "interface");
        return NULL;
}

int listing_add_interfaces(Listing *l, json_t *answer) {
        json_t *object;
        size_t i;

        json_array_foreach(answer, i, object) {
                const char *interface;

                if (json_text(object, "interface") || !json_text(object, "address"))
                        continue;
                interface = find_interface_by_index(l, json_number(object, "ifindex")) ?:
                                            find_interface(l, json_text(object, "address"));
                if (interface && json_object_set_new(object, "interface", json_string(interface)) < 0)
                        return -ENOMEM;
        }
        return l->error;
}

/* The entry of ListGuests() for an answered address, and its guest; or NULL. */
static const json_t *find_guest_address(Listing *l, const char *address, const json_t **ret_guest) {
        const json_t *guest, *a;
        size_t i, k;

        json_array_foreach(listing_guests(l), i, guest)
                json_array_foreach(json_object_get(guest, "addresses"), k, a)
                        if (json_is_true(json_object_get(a, "answered")) &&
                                        strcmp(json_text(a, "address") ?: "", address) == 0) {
                                *ret_guest = guest;
                                return a;
                        }
        return NULL;
}

int listing_add_sources(Listing *l, json_t *answer) {
        static const char *const keys[] = { "source", "tap", "confirmed", "contested" };
        const json_t *address, *guest;
        json_t *object;
        size_t i;

        json_array_foreach(answer, i, object) {
                address = find_guest_address(l, json_text(object, "address") ?: "", &guest);
                if (!address)
                        continue;
                for (size_t k = 0; k < ELEMENTS(keys); k++) {
                        json_t *value = json_object_get(address, keys[k]);

                        if (value && json_object_set(object, keys[k], value) < 0)
                                return -ENOMEM;
                }
                if (!json_text(object, "interface") && json_text(guest, "interface") &&
                                json_object_set(object, "interface", json_object_get(guest, "interface")) < 0)
                        return -ENOMEM;
        }
        return 0;
}

void listing_clear(Listing *l) {
        json_decref(l->leases);
        json_decref(l->networks);
        json_decref(l->guests);
        l->leases = l->networks = l->guests = NULL;
}
