/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The facts about a bridge.
 */

#include "seen/facts.h"

#include <string.h>

#include "helper/facts-file.h"
#include "util/utf8.h"

/* ---- stating ---- */

static json_t *sighting_facts(const Nic *nic, const Sighting *s, const Link *tap) {
        char address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];

        return json_pack("{s:s, s:s, s:s, s:s, s:I}", "ip-address", address_format(&s->address, address),
                        "mac-address", mac_format(&nic->mac, mac), "tap", tap->name, "by",
                        claim_source_name(s->by), "first-seen", (json_int_t) s->first_seen);
}

static int set_times(json_t *object, const Sighting *s) {
        if (s->state == SIGHTING_REFUSED)
                return json_object_set_new(object, "expiry-time", json_integer(s->refused_until));
        if (json_object_set_new(object, "confirmed", json_integer(s->confirmed)) < 0)
                return -1;
        return json_object_set_new(object, "expiry-time", json_integer(s->confirmed + SEEN_LIFETIME_SEC));
}

static int set_contested(json_t *object, const Nic *nic, const Links *links) {
        const Link *rival = links_find_index(links, nic->rival_port);

        if (nic->rival_port == PORT_NONE)
                return 0;
        if (!rival || !utf8_is_string(rival->name))
                return json_object_set_new(object, "contested",
                                json_string("its MAC address was seen on another port, too"));
        return json_object_set_new(object, "contested",
                        json_sprintf("its MAC address was seen on %s, too", rival->name));
}

static int add_sighting(json_t *facts, const Nic *nic, const Sighting *s, const Links *links) {
        const Link *tap = links_find_index(links, nic->tap);
        _cleanup_(json_freep) json_t *object = NULL;

        if (!tap || !utf8_is_string(tap->name))
                return 0;
        object = sighting_facts(nic, s, tap);
        if (!object || set_times(object, s) < 0 || set_contested(object, nic, links) < 0)
                return -ENOMEM;
        if (s->state == SIGHTING_REFUSED &&
                        json_object_set_new(object, "refused", json_string(s->refused)) < 0)
                return -ENOMEM;
        return json_array_append(facts, object) < 0 ? -ENOMEM : 0;
}

static int add_state(json_t *facts, const Bridge *bridge, SightingState state, const Links *links) {
        for (size_t i = 0; i < bridge->n_nics; i++)
                for (size_t j = 0; j < bridge->nics[i]->n_sightings; j++) {
                        const Sighting *s = bridge->nics[i]->sightings + j;

                        if (json_array_size(facts) >= SEEN_FILE_ENTRIES_MAX)
                                return 0;
                        if (s->state == state && add_sighting(facts, bridge->nics[i], s, links) < 0)
                                return -ENOMEM;
                }
        return 0;
}

json_t *facts_of_bridge(const Bridge *bridge, const Links *links) {
        _cleanup_(json_freep) json_t *facts = json_array();

        if (!facts || add_state(facts, bridge, SIGHTING_CONFIRMED, links) < 0 ||
                        add_state(facts, bridge, SIGHTING_REFUSED, links) < 0)
                return NULL;
        return TAKE_PTR(facts);
}

/* ---- after a restart ---- */

static const char *text_of(const json_t *object, const char *key) {
        return json_string_value(json_object_get(object, key)) ?: "";
}

static int64_t time_of(const json_t *object, const char *key) {
        return json_integer_value(json_object_get(object, key));
}

static ClaimSource source_of(const json_t *object) {
        ClaimSource source = CLAIM_ARP;

        while (source < CLAIM_DHCP && strcmp(text_of(object, "by"), claim_source_name(source)) != 0)
                source++;
        return source;
}

static bool restore_one(Bridge *bridge, const json_t *object, const Links *links, Moment now) {
        const Link *tap = links_find(links, text_of(object, "tap"));
        Sighting s = {
                .by = source_of(object),
                .state = SIGHTING_CONFIRMED,
                .first_seen = time_of(object, "first-seen"),
                .confirmed = time_of(object, "confirmed"),
        };
        MacAddress mac;

        return tap && tap->is_tap && tap->master == bridge->index && s.first_seen > 0 && s.confirmed > 0 &&
               address_parse(text_of(object, "ip-address"), &s.address) >= 0 &&
               address_is_guests(s.address.family, s.address.bytes) &&
               mac_parse(text_of(object, "mac-address"), &mac) >= 0 &&
               bridge_restore(bridge, &mac, tap->index, &s, now);
}

size_t facts_restore(Bridge *bridge, const json_t *facts, const Links *links, Moment now) {
        const json_t *object;
        size_t i, n = 0;

        json_array_foreach(facts, i, object)
                if (restore_one(bridge, object, links, now))
                        n++;
        return n;
}
