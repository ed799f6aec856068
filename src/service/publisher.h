/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Publishes the index in the runtime directory for the NSS modules, and checks that it is still there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "index/reader.h"

typedef struct Publisher {
        char *runtime_directory;
        bool published;          /* the file has the newest index ... */
        StatSignature directory; /* ... made at this signature of the lease directory */
        StatSignature file;      /* the file's own, which identifies it */
        uint64_t checked_usec;   /* when the file was last checked, on CLOCK_MONOTONIC */
        int error;               /* of the last attempt, already logged */
} Publisher;

/* Returns 0 or -ENOMEM. */
int publisher_init(Publisher *p, const char *runtime_directory);
void publisher_done(Publisher *p);

/*
 * Withdraws an index of an earlier run, unless it has the same policy: that one keeps answering until there
 * is a new one.  A failure marker would keep the modules from asking, and an index of another policy may have
 * names that the administrator has just forbidden.
 */
void publisher_adopt(Publisher *p, uint64_t policy);

/* Publishes an index, or that there is no lease directory.  Returns 0, or a negative errno, which is logged.
 */
int publisher_publish(Publisher *p, const Index *index, const StatSignature *directory);
int publisher_publish_absence(Publisher *p, const StatSignature *directory);

/* Publishes an index that is never current: the modules then ask over the bus, and retry while the service
 * restarts after a crash. */
void publisher_withdraw(Publisher *p);

/* Whether the newest index is published at that signature. */
bool publisher_is_current(const Publisher *p, const StatSignature *directory);

/* Whether the published file is unchanged, or was checked a moment ago.  If not, it counts as not published.
 */
bool publisher_check(Publisher *p);
