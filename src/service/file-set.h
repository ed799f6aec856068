/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The files of the lease directory: those whose names have a kind's suffix, and what their last valid
 * readings said.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/document.h"
#include "source/file-kind.h"
#include "util/limits.h"

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

typedef struct FileSet {
        const char *directory; /* its path, for messages; the caller's */
        size_t n_files;
        LeaseFile **files;     /* by name */
        bool incomplete;       /* a file that was ignored, because there are too many, has its place now */
        bool ignores_files;    /* there are more than LEASE_DIRECTORY_FILES_MAX */
        bool ignores_reported;
        bool changed;          /* what the files say changed; the user clears it */
        unsigned n_unreadable; /* readings in a row in which a file couldn't be read */
        uint64_t n_parsed;     /* documents that were parsed; the user sets it back */
        DigestKey digest_key;
} FileSet;

/* An empty set; the path must outlive it.  Returns 0 or a negative errno. */
int file_set_init(FileSet *set, const char *directory);

/* Forgets all files. */
void file_set_clear(FileSet *set);

/* Frees everything. */
void file_set_done(FileSet *set);

/* A bridge's file of that type; NULL if there is none. */
const LeaseFile *file_set_find(const FileSet *set, const char *interface, FileType type);

/* A file of that name may have changed, or is new.  Returns 1; 0 if no kind of lease file has such a name, or
 * there are too many files; or -ENOMEM. */
int file_set_mark(FileSet *set, const char *name);

/* Whether a file may have changed since it was read. */
bool file_set_is_dirty(const FileSet *set);

/* Lists the directory, marks each file, and drops those that are gone.  Returns 0 or a negative errno. */
int file_set_list(FileSet *set, int dir_fd);

/* Reads the files that may have changed; a file that can't be read or parsed keeps its document.  Returns 0,
 * or the negative errno of a shortage: then files may still be dirty. */
int file_set_read(FileSet *set, int dir_fd);
