/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What helpers state about guests, in files below /run; see libvirt-resolve-facts(5).  No helper need be
 * there: a file that isn't states nothing, and the service looks at each of the two directories once a
 * lookup.
 */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "names/seen.h"
#include "service/facts-directory.h"
#include "source/domains-file.h"
#include "source/networks-file.h"
#include "util/util.h"

typedef struct Facts Facts;

/* What facts_refresh() found changed. */
enum {
        FACTS_NETWORKS = 1 << 0,
        FACTS_GUESTS = 1 << 1,
};

/* The directories of libvirt-resolve-domains and libvirt-resolve-seen.  Returns 0, or a negative errno. */
int facts_new(sd_event *event, const char *domains_directory, const char *seen_directory,
                FactsChanged changed, void *userdata, Facts **ret);
Facts *facts_free(Facts *facts);
DEFINE_CLEANUP(Facts *, facts_free);

/* Reads what has changed.  Returns what that is, 0 for nothing, or a negative errno; then it is tried again.
 * A file that is invalid is reported, and its last valid reading stays in force. */
int facts_refresh(Facts *facts);

/* What is stated; it stays the facts'.  The networks' own DNS domains; the NICs of running domains, NULL if
 * they aren't stated; and what was seen on bridges, by name. */
const NetworkSuffixes *facts_networks(const Facts *facts);
const NicList *facts_nics(const Facts *facts);
const SeenBridge *facts_bridges(const Facts *facts, size_t *ret_n);

/* Whether anything about guests is stated.  facts: NULL if there are none. */
bool facts_have_guests(const Facts *facts);
