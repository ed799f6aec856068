/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The files of the lease directory: those whose names have the suffix of a kind, with the contents of their
 * last valid readings.
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
        bool dirty;                                    /* may have changed since the last reading */
        bool listed;                                   /* was in the last listing */
        Document *document;                            /* of the last valid reading; NULL: none yet */
        char *error;                                   /* why the last reading failed; NULL: it succeeded */
        uint64_t read_usec; /* CLOCK_REALTIME of the last valid reading, µs; 0: none yet */
} LeaseFile;

typedef struct FileSet {
        const char *directory; /* its path, for messages; borrowed */
        size_t n_files;
        LeaseFile **files;  /* by name */
        bool incomplete;    /* a file was dropped while others are ignored for the limit */
        bool ignores_files; /* more than LEASE_DIRECTORY_FILES_MAX exist */
        bool ignores_reported;
        bool changed;          /* the files' contents changed; cleared by the user */
        unsigned n_unreadable; /* consecutive readings with an unreadable file */
        uint64_t n_parsed;     /* documents parsed; reset by the user */
        DigestKey digest_key;
} FileSet;

/* Initializes an empty set; the path must outlive it.  Returns 0 or a negative errno. */
int file_set_init(FileSet *set, const char *directory);

/* Removes all files. */
void file_set_clear(FileSet *set);

/* Frees everything. */
void file_set_done(FileSet *set);

/* A bridge's file of that type; NULL if there is none. */
const LeaseFile *file_set_find(const FileSet *set, const char *interface, FileType type);

/* Marks the file of that name as new or changed.  Returns 1; 0 if no kind of lease file has such a name, or
 * there are too many files; or -ENOMEM. */
int file_set_mark(FileSet *set, const char *name);

/* Whether a file may have changed since its last reading. */
bool file_set_is_dirty(const FileSet *set);

/* Lists the directory, marks each file, and drops removed ones.  Returns 0 or a negative errno. */
int file_set_list(FileSet *set, int dir_fd);

/* Reads the files that may have changed; a file that can't be read or parsed keeps its document.  Returns 0,
 * or a negative errno if there is no memory or descriptor: then files may still be dirty. */
int file_set_read(FileSet *set, int dir_fd);
