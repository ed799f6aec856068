/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a catalog is made of: the lease directory's files, the facts of helpers, the host's addresses.
 */

#include "names/catalog.h"
#include "names/policy.h"
#include "service/directory.h"
#include "service/facts.h"
#include "service/host.h"

/* Collects it, as it was read.  facts: NULL if there are none.  The host's addresses are read if anything
 * depends on them.  What *ret points to stays its owners', except the arrays that sources_done() frees, also
 * after a failure. Returns 0 or a negative errno. */
int sources_collect(const LeaseDirectory *d, Facts *facts, Host *host, const NamePolicy *policy,
                CatalogSources *ret);
void sources_done(CatalogSources *sources);
