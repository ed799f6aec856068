/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manager keeps the index up to date with the lease directory, answers from it, and publishes it once
 * the directory has settled.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "names/catalog.h"
#include "names/policy.h"
#include "index/reader.h"
#include "service/burst.h"
#include "service/changes.h"
#include "service/directory.h"
#include "service/host.h"
#include "service/interfaces.h"
#include "service/publisher.h"
#include "service/refusals.h"
#include "service/statistics.h"
#include "service/waits.h"
#include "util/util.h"

typedef struct Manager Manager;
typedef struct Hook Hook;
typedef struct ListLimit ListLimit;
typedef struct Facts Facts;

struct Manager {
        sd_event *event;
        sd_bus *bus;
        NamePolicy policy;
        bool policy_changed; /* since the catalog was built */

        LeaseDirectory *directory;
        int notified_error;    /* the directory's error in the last notification to systemd */
        Facts *facts;          /* NULL: facts aren't used */
        bool networks_changed; /* since the policy was updated from the facts */
        Host host;
        Interfaces *interfaces;
        Catalog *catalog;     /* NULL: nothing was read yet, or out of memory */
        Index index;          /* of the catalog; fd is owned, -1: none */
        size_t index_dropped; /* addresses that didn't fit into a record */
        bool ignores_leases;  /* more than CATALOG_LEASES_MAX exist, which was logged */

        Publisher publisher;

        sd_event_source *directory_source; /* events of the lease directory */
        sd_event_source *quiet_source;     /* a burst of events: its timer */
        sd_event_source *host_name_source;
        sd_event_source *mounts_source;
        sd_event_source *expiry_source;    /* the next expiry of a lease */
        sd_event_source *clock_source;     /* the wall clock being set */
        sd_event_source *refusals_source;  /* the end of a period of refusals; NULL: none */
        sd_event_source *addresses_source; /* the host's addresses */
        int host_name_fd, clock_fd;
        Burst burst;
        uint64_t rest_until_usec; /* on CLOCK_MONOTONIC */

        ListLimit *list_limit;
        Waits *waits;
        Hook *hook; /* NULL: none */
        Refusals refusals;
        Statistics statistics;

        /* Called after each change, with the catalog before (NULL: none) as of before_time, and the manager's
         * catalog as of now; both in seconds since the epoch.  before_time 0: the first call. */
        void (*changed)(Manager *m, const Catalog *before, int64_t before_time, int64_t now);
        int64_t reported_time; /* now in the last call of changed; 0: none yet */
};

/* Takes ownership of the policy.  Returns 0 and the manager, which has read nothing yet, or a negative errno.
 */
int manager_new(sd_event *event, const char *lease_directory, const char *runtime_directory,
                NamePolicy *policy, Manager **ret);
Manager *manager_free(Manager *m);
DEFINE_CLEANUP(Manager *, manager_free);

/* Makes the manager use the facts of libvirt-resolve-domains and libvirt-resolve-seen in those directories.
 * Returns 0 or a negative errno. */
int manager_use_facts(Manager *m, const char *domains_directory, const char *seen_directory);

/* Why there is nothing to answer from: the lease directory's error; 0 if there is something.  Facts of
 * helpers can be answered without a lease directory. */
int manager_error(const Manager *m);

typedef enum RefreshResult {
        REFRESH_DONE = 0,
        REFRESH_NO_SOURCE, /* there is nothing to answer from: manager_error() */
} RefreshResult;

/* Reads and publishes as soon as the event loop is idle. */
void manager_start(Manager *m);

/*
 * Brings the index up to date, so that the next answer isn't older than this call.  Returns a RefreshResult,
 * or a negative errno if there is no memory or descriptor.
 */
int manager_refresh(Manager *m);

/* Whether the published index is the one that lookups use now. */
bool manager_is_published(const Manager *m);

/* Reads all files again.  Returns as manager_refresh(). */
int manager_reload(Manager *m);
