/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The lease directory: what its files say, watched.  What is read here is never
 * older than the directory's stamps say that were taken before it, which is
 * what the freshness of every answer rests on.
 *
 * libvirt replaces its files by rename.  The kernel stamps a directory before a
 * rename becomes visible, and holds the directory's lock until the rename's
 * event is queued; so a listing (getdents64) that comes after the stamps were
 * taken is a barrier: behind it, a rename either is in the stamps and its
 * event queued, or will change the stamps.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/format.h"
#include "source/document.h"
#include "source/file-kind.h"
#include "util/util.h"

typedef struct LeaseFile {
        char *name;
        const FileKind *kind;
        char interface[INTERFACE_NAME_LENGTH_MAX + 1]; /* its bridge */
        bool dirty;         /* may have changed since it was read */
        bool listed;        /* was there at the last listing */
        Document *document; /* of the last valid reading; NULL: none yet */
        char *error;        /* why the last reading failed; NULL: it didn't */
        uint64_t read_usec; /* CLOCK_REALTIME of the last valid reading, µs; 0: none yet */
} LeaseFile;

/* A moment, by both clocks, µs. */
typedef struct Instant {
        int64_t realtime;   /* CLOCK_REALTIME_COARSE, as in stamps */
        uint64_t monotonic;
} Instant;

typedef struct LeaseDirectory {
        char *path;
        size_t n_files;
        LeaseFile **files;    /* by name */
        bool ignores_files;   /* there are more than LEASE_DIRECTORY_FILES_MAX */
        bool said_ignored;
        DigestKey digest_key;
        int error;            /* 0, or the negative errno that opening the directory gave */
        StatSignature stamps;   /* taken before the files were read; where error is 0 */
        uint64_t stamps_usec; /* CLOCK_MONOTONIC when these stamps were first seen */
        Instant begun;        /* when the last reading began */

        int inotify_fd;
        int watch;            /* of the directory, or of the nearest parent that there is */
        bool watches_parent;
        bool rescan;          /* every file may have changed */
        bool never_read;
        bool news;            /* what the files say changed, and no reading has returned so yet */
        bool unwatchable;     /* inotify refused, for the directory (that was said) or for its nearest parent */
        unsigned n_unreadable; /* readings in a row in which a file couldn't be read */
        bool in_place;        /* a file was written in place, which the stamps don't show; the
                               * directory's user clears it */

        uint64_t n_parsed;    /* documents that were parsed; the directory's user sets it back */
} LeaseDirectory;

/* Returns 0 and the directory, unread; -ENOMEM.  It need not exist. */
int lease_directory_new(const char *path, LeaseDirectory **ret);
LeaseDirectory *lease_directory_free(LeaseDirectory *d);
DEFINE_CLEANUP(LeaseDirectory *, lease_directory_free);

/* Takes in the events that are queued, without waiting.  Returns whether there was one
 * that may mean a change. */
bool lease_directory_drain(LeaseDirectory *d);

/* Whether what was read is out of date, going by the events that were taken in, and by
 * whether the path leads to another directory, or another state of it, than before. */
bool lease_directory_is_stale(const LeaseDirectory *d);

/* Reads what may have changed.  Returns 1 where that changed what the files say,
 * 0 where it didn't; or a negative errno where memory or descriptors are short: then it stays
 * stale until a later reading succeeds.  A directory that can't be read is
 * no failure: see error. */
int lease_directory_read(LeaseDirectory *d);

/* When to try again to read a file that couldn't be read, µs from now; 0: there is none.  The error may pass without
 * an event (a security policy that was loaded late, an I/O error), so until then the file stays dirty, and an index
 * of what was read isn't settled. */
uint64_t lease_directory_retry_usec(const LeaseDirectory *d);

/* A bridge's file of that type; NULL if there is none. */
const LeaseFile *lease_directory_find(const LeaseDirectory *d, const char *interface, FileType type);

/* Forgets nothing, and takes nothing for granted: the next reading reads every file. */
void lease_directory_invalidate(LeaseDirectory *d);

/*
 * Whether an index of what was read may be published under the stamps: they still
 * hold, nothing is queued, and the directory has been quiet for so long that no
 * second change can hide behind the same stamps.
 * Returns 1; 0 and in *ret_usec when to ask again (µs from now, 0: after another
 * reading).
 */
int lease_directory_is_settled(LeaseDirectory *d, uint64_t *ret_usec);

/* How long a directory with these stamps has to be quiet, µs; the stamps of none are all 0. */
uint64_t lease_directory_quiet_usec(const StatSignature *stamps);
