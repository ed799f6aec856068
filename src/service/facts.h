/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What helpers state about guests, in files below /run; see libvirt-resolve-facts(5).  No helper need be there: a
 * file that isn't states nothing, and costs one stat(2) a lookup.
 */

#include <systemd/sd-event.h>

#include "source/networks-file.h"
#include "util/util.h"

typedef struct Facts Facts;

/* Called from the event loop when a file may have changed. */
typedef void (*FactsChanged)(void *userdata);

/* directory: of libvirt-resolve-domains.  Returns 0, or a negative errno. */
int facts_new(sd_event *event, const char *directory, FactsChanged changed, void *userdata, Facts **ret);
Facts *facts_free(Facts *facts);
DEFINE_CLEANUP(Facts *, facts_free);

/* Reads what has changed.  Returns 1 if what is stated changed, 0 if not, or -ENOMEM; then it is tried again.  A file
 * that is invalid is reported, and its last valid reading stays in force. */
int facts_refresh(Facts *facts);

/* The networks' own DNS domains; they stay the facts'. */
const NetworkSuffixes *facts_networks(const Facts *facts);
