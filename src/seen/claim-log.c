/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Refused claims in the log.
 */

#include "seen/claim-log.h"

#include <inttypes.h>

#include "service/log.h"
#include "util/limits.h"
#include "util/text.h"

static void log_claim(ClaimLog *log, const Bridge *bridge, const Nic *nic, const Sighting *s,
                const Links *links) {
        char address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX], name[TEXT_NAME_SIZE];
        const Link *tap = links_find_index(links, nic->tap);

        if (log->n++ < REFUSALS_LOGGED_MAX)
                log_info("%s: %s, claimed by %s behind %s, is refused: %s.", bridge->name,
                                address_format(&s->address, address), mac_format(&nic->mac, mac),
                                text_escape(tap ? tap->name : "a tap that is gone", name, sizeof(name)),
                                s->refused);
}

void claim_log_refused(ClaimLog *log, Bridge *bridge, const Links *links, Moment now) {
        claim_log_advance(log, now);
        if (log->n == 0)
                log->begin = now.usec;
        for (size_t i = 0; i < bridge->n_nics; i++)
                for (size_t j = 0; j < bridge->nics[i]->n_sightings; j++) {
                        Sighting *s = bridge->nics[i]->sightings + j;

                        if (s->state == SIGHTING_REFUSED && !s->logged)
                                log_claim(log, bridge, bridge->nics[i], s, links);
                        s->logged = s->state == SIGHTING_REFUSED;
                }
}

void claim_log_advance(ClaimLog *log, Moment now) {
        if (log->n == 0 || now.usec < log->begin + REFUSALS_USEC)
                return;
        if (log->n > REFUSALS_LOGGED_MAX)
                log_info("%zu more claims were refused in the last %" PRIu64 " minutes.",
                                log->n - REFUSALS_LOGGED_MAX, REFUSALS_USEC / 60000000);
        log->n = 0;
}

uint64_t claim_log_due(const ClaimLog *log) {
        return log->n > REFUSALS_LOGGED_MAX ? log->begin + REFUSALS_USEC : NEVER;
}
