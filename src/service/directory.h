/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The lease directory: its files (file-set.h) and the watch on it (dirwatch.h).  What is read is never older
 * than the stat signature that was taken before.  The freshness of every answer rests on that.
 *
 * libvirt replaces its files by rename.  The kernel changes a directory's times before a rename becomes
 * visible, and holds the directory's lock until the rename's event is queued.  So a listing (getdents64)
 * after the signature was taken is a barrier: behind it, a rename either is in the signature and its event is
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
        bool rescan;     /* every file may have changed */
        bool never_read;
        bool in_place; /* a file was written in place, which the signature doesn't show; the user clears it */
} LeaseDirectory;

/* Returns 0 and the directory, unread; or a negative errno.  It need not exist. */
int lease_directory_new(const char *path, LeaseDirectory **ret);
LeaseDirectory *lease_directory_free(LeaseDirectory *d);
DEFINE_CLEANUP(LeaseDirectory *, lease_directory_free);

/* Handles the events that are queued, without waiting.  Returns whether one of them may mean a change. */
bool lease_directory_drain(LeaseDirectory *d);

/* Whether what was read is out of date, going by the events that were handled, and by whether the path leads
 * to another directory, or another state of it, than before. */
bool lease_directory_is_stale(const LeaseDirectory *d);

/* Reads the files that may have changed.  Returns 1 if that changed what they say, else 0; or a negative
 * errno if memory or descriptors are short: then it stays stale until a later reading succeeds.  A directory
 * that can't be read is no failure: see reading.error. */
int lease_directory_read(LeaseDirectory *d);

/* When to try again to read a file that couldn't be read, µs from now; 0: there is none.  The error may pass
 * without an event (a security policy that was loaded late, an I/O error), so until then the file stays
 * dirty, and an index of what was read isn't settled. */
uint64_t lease_directory_retry_usec(const LeaseDirectory *d);

/* The next reading reads every file. */
void lease_directory_invalidate(LeaseDirectory *d);

/*
 * Whether an index of what was read may be published under the signature: it still holds, no event is queued,
 * and no second change can hide behind it. Returns true; or false and in *ret_usec when to ask again (µs from
 * now; 0: after another reading).
 */
bool lease_directory_is_settled(LeaseDirectory *d, uint64_t *ret_usec);

/* How long the directory has to be quiet, µs. */
uint64_t lease_directory_quiet_usec(const LeaseDirectory *d);
