/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The lease directory: its files (file-set.h) and the watch on it (dirwatch.h).  The data read is never older
 * than the stat signature taken before the reading.  The freshness of every answer depends on that.
 *
 * libvirt replaces its files by rename.  The kernel changes a directory's times before a rename becomes
 * visible, and holds the directory's lock until the rename's event is queued.  So a listing (getdents64)
 * after taking the signature is a barrier: after it, each rename either is in the signature with its event
 * queued, or will change the signature.
 */

#include <stdbool.h>
#include <stdint.h>

#include "service/dirwatch.h"
#include "service/file-set.h"
#include "service/freshness.h"
#include "util/util.h"

typedef struct LeaseDirectory {
        char *path;
        FileSet files;
        DirWatch watch;
        Reading reading;
        bool rescan; /* every file may have changed */
        bool never_read;
        bool in_place; /* a file was written in place: the signature is unchanged; the user clears it */
} LeaseDirectory;

/* Returns 0 and the directory, unread; or a negative errno.  The directory need not exist. */
int lease_directory_new(const char *path, LeaseDirectory **ret);
LeaseDirectory *lease_directory_free(LeaseDirectory *d);
DEFINE_CLEANUP(LeaseDirectory *, lease_directory_free);

/* Handles all queued events without waiting.  Returns whether one of them may mean a change. */
bool lease_directory_drain(LeaseDirectory *d);

/* Whether the data read is out of date: an event reported a change, or the path now leads to another
 * directory or to one with another signature. */
bool lease_directory_is_stale(const LeaseDirectory *d);

/* Reads the files that may have changed.  Returns 1 if their contents changed, else 0; or a negative errno if
 * there is no memory or descriptor: then it stays stale until a later reading succeeds.  An unreadable
 * directory isn't a failure: see reading.error. */
int lease_directory_read(LeaseDirectory *d);

/* When to retry unreadable files, in µs from now; 0: there are none.  The error may go away without an event
 * (a security policy loaded late, an I/O error), so until then the file stays dirty, and the reading isn't
 * settled. */
uint64_t lease_directory_retry_usec(const LeaseDirectory *d);

/* Makes the next reading read every file. */
void lease_directory_invalidate(LeaseDirectory *d);

/*
 * Whether an index of the data read may be published under the signature: the signature is still current, no
 * event is queued, and no second change can hide behind it.  Returns true; or false and in *ret_usec when to
 * ask again (in µs from now; 0: after another reading).
 */
bool lease_directory_is_settled(LeaseDirectory *d, uint64_t *ret_usec);

/* How long the directory must be without events, in µs. */
uint64_t lease_directory_quiet_usec(const LeaseDirectory *d);
