/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The facts that helpers state about guests, in files below /run; see libvirt-resolve-facts(5).  No helper is
 * required: a missing file states nothing, and the service checks each of the two directories once for each
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

/* The facts that facts_refresh() found changed. */
enum {
        FACTS_NETWORKS = 1 << 0,
        FACTS_GUESTS = 1 << 1,
};

/* Opens the directories of libvirt-resolve-domains and libvirt-resolve-seen.  Returns 0, or a negative errno.
 */
int facts_new(sd_event *event, const char *domains_directory, const char *seen_directory,
                FactsChanged changed, void *userdata, Facts **ret);
Facts *facts_free(Facts *facts);
DEFINE_CLEANUP(Facts *, facts_free);

/* Reads the changed files.  Returns which facts changed, 0 for none; or a negative errno: the next call tries
 * again. An invalid file is reported, and its last valid reading stays in force. */
int facts_refresh(Facts *facts);

/* The current facts, owned by facts: the networks' own DNS suffixes; the NICs of running domains, NULL if
 * they aren't stated; and the addresses seen on bridges, sorted by bridge. */
const NetworkSuffixes *facts_networks(const Facts *facts);
const NicList *facts_nics(const Facts *facts);
const SeenBridge *facts_bridges(const Facts *facts, size_t *ret_n);

/* Whether anything is stated about guests.  facts: may be NULL. */
bool facts_have_guests(const Facts *facts);
