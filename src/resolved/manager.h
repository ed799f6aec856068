/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's heart: keeps the index true to the lease directory, answers from it,
 * and publishes it when the directory rests.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "names/catalog.h"
#include "names/policy.h"
#include "names/reader.h"
#include "resolved/directory.h"
#include "resolved/interfaces.h"
#include "util/util.h"

typedef struct Manager {
        sd_event *event;
        sd_bus *bus;
        char *runtime_directory;
        NamePolicy policy;
        bool policy_changed;      /* since the catalog was made */

        LeaseDirectory *directory;
        Interfaces *interfaces;
        Catalog *catalog;         /* NULL: nothing was read yet, or memory ran out */
        Index index;              /* of the catalog; its fd is the manager's, -1: none */
        size_t index_dropped;     /* addresses that didn't fit a record */

        bool published;           /* the file in the runtime directory is this index ... */
        IndexStamps published_stamps; /* ... under these stamps */
        int publish_error;        /* of the last try; said once */

        sd_event_source *directory_source; /* events of the lease directory */
        sd_event_source *quiet_source;     /* the end of a burst of them */
        sd_event_source *host_name_source;
        int host_name_fd;
} Manager;

/* policy: taken over.  Returns 0 and the manager, with nothing read yet, so that it costs
 * nothing to be ready. */
int manager_new(sd_event *event, const char *lease_directory, const char *runtime_directory,
                NamePolicy *policy, Manager **ret);
Manager *manager_free(Manager *m);
DEFINE_CLEANUP(Manager *, manager_free);

/* Reads and publishes at the loop's next turn that has nothing better to do. */
int manager_start(Manager *m);

/*
 * Makes sure that what is answered next is not older than this call.
 * Returns 0; -ENOMEM; or the lease directory's error: there is nothing to answer from.
 */
int manager_refresh(Manager *m);

/* Reads everything anew. */
int manager_reload(Manager *m);

/*
 * index_find_name() and index_find_address(), after manager_refresh(), with the entries'
 * ifindex filled in.  ifindex 0: any network.
 */
int manager_find_name(Manager *m, IndexVariant variant, const char *name, int family, uint32_t ifindex,
                Answer *ret);
int manager_find_address(Manager *m, IndexVariant variant, int family, const uint8_t *address,
                uint32_t ifindex, Answer *ret);

/* Which rule of the policy speaks against a name, after manager_refresh(): NAME_GOOD
 * where none does.  *ret: the claim that was refused, or NULL where nobody claims the name. */
NameVerdict manager_find_refusal(const Manager *m, IndexVariant variant, const char *name, const Claim **ret);
