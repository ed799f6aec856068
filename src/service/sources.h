/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The input of a catalog: the lease directory's files, the facts of helpers, the host's addresses.
 */

#include "names/catalog.h"
#include "names/policy.h"
#include "service/directory.h"
#include "service/facts.h"
#include "service/host.h"

/* Collects the data read.  facts: may be NULL.  Reads the host's addresses if anything depends on them.  *ret
 * borrows everything, except for the arrays that sources_done() frees, also after a failure.  Returns 0 or a
 * negative errno. */
int sources_collect(const LeaseDirectory *d, Facts *facts, Host *host, const NamePolicy *policy,
                CatalogSources *ret);
void sources_done(CatalogSources *sources);
