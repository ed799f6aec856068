/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is published in the runtime directory for the NSS modules, and whether it is still there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "index/reader.h"

typedef struct Publisher {
        char *runtime_directory;
        bool published;          /* the file is the newest index ... */
        StatSignature directory; /* ... under this signature of the lease directory */
        StatSignature file;      /* the file's own, by which it is known */
        uint64_t checked_usec;   /* CLOCK_MONOTONIC when the file was last looked at */
        int error;               /* of the last try, which was logged */
} Publisher;

/* Returns 0 or -ENOMEM. */
int publisher_init(Publisher *p, const char *runtime_directory);
void publisher_done(Publisher *p);

/*
 * Withdraws what an earlier run has published, unless it is an index of the same policy, which goes on
 * answering until there is a new one.  A failure marker would keep the modules from asking, and names of
 * another policy may be ones that the administrator has just forbidden.
 */
void publisher_adopt(Publisher *p, uint64_t policy);

/* Publishes an index, or that there is no lease directory.  Returns 0, or a negative errno, which is
 * logged. */
int publisher_publish(Publisher *p, const Index *index, const StatSignature *directory);
int publisher_publish_absence(Publisher *p, const StatSignature *directory);

/* Publishes an index that is never current: the modules then ask over the bus, and ask again while the
 * service restarts after a crash. */
void publisher_withdraw(Publisher *p);

/* Whether the newest index is published under that signature. */
bool publisher_is_current(const Publisher *p, const StatSignature *directory);

/* Whether the published file is as it was published, or it isn't time to look again.  If not, nothing is
 * published. */
bool publisher_check(Publisher *p);
