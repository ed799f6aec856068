/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A network card of a guest.
 */

#include "seen/nic.h"

#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

Nic *nic_free(Nic *nic) {
        if (nic)
                free(nic->sightings);
        free(nic);
        return NULL;
}

Sighting *nic_find(const Nic *nic, const Address *address) {
        for (size_t i = 0; i < nic->n_sightings; i++)
                if (address_compare(&nic->sightings[i].address, address) == 0)
                        return nic->sightings + i;
        return NULL;
}

size_t nic_count(const Nic *nic, SightingState state, int family) {
        size_t n = 0;

        for (size_t i = 0; i < nic->n_sightings; i++)
                if (nic->sightings[i].state == state &&
                                (family == AF_UNSPEC || nic->sightings[i].address.family == family))
                        n++;
        return n;
}

Sighting *nic_add(Nic *nic, const Sighting *sighting) {
        size_t n_confirmed = nic_count(nic, SIGHTING_CONFIRMED, AF_UNSPEC);
        Sighting *grown;

        if (sighting->state != SIGHTING_CONFIRMED && nic->n_sightings - n_confirmed >= SEEN_NIC_CLAIMS_MAX)
                return NULL;
        grown = array_grow(nic->sightings, nic->n_sightings, sizeof(*grown));
        if (!grown)
                return NULL;
        nic->sightings = grown;
        grown[nic->n_sightings] = *sighting;
        return grown + nic->n_sightings++;
}

void nic_remove(Nic *nic, Sighting *sighting) {
        size_t i = (size_t) (sighting - nic->sightings);

        memmove(sighting, sighting + 1, (--nic->n_sightings - i) * sizeof(*sighting));
}

/* Whether the last half of an IPv6 address is derived from the MAC address (RFC 4291). */
static bool is_eui64(const Address *address, const MacAddress *mac) {
        const uint8_t *m = mac->bytes;
        const uint8_t id[] = { m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5] };

        return address->family == AF_INET6 && memcmp(address->bytes + 8, id, sizeof(id)) == 0;
}

static bool gives_up_first(const Nic *nic, const Sighting *a, const Sighting *b) {
        bool a_stays = is_eui64(&a->address, &nic->mac), b_stays = is_eui64(&b->address, &nic->mac);

        return a_stays != b_stays ? b_stays : a->confirmed < b->confirmed;
}

Sighting *nic_least(const Nic *nic, int family) {
        Sighting *least = NULL;

        for (size_t i = 0; i < nic->n_sightings; i++) {
                Sighting *s = nic->sightings + i;

                if (s->state == SIGHTING_CONFIRMED && s->address.family == family &&
                                (!least || gives_up_first(nic, s, least)))
                        least = s;
        }
        return least;
}
