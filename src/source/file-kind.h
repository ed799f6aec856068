/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kinds of files in libvirt's lease directory: a table of suffix, meaning of the rest of the name, and
 * parser.  A new kind is a new row, and a new member of Document if it has a new type of contents.
 */

#include <stddef.h>

#include "source/problem.h"

typedef struct Document Document;

typedef enum FileType {
        FILE_STATUS,    /* DHCP leases of a bridge */
        FILE_MACS,      /* running domains of a bridge */
        FILE_HOSTSFILE, /* static names of a network, by MAC address */
        FILE_ADDNHOSTS, /* static names of a network, by address */
        _FILE_TYPE_MAX,
} FileType;

/* The meaning of the stem of a file's name (the part before the suffix). */
typedef enum FileStem {
        STEM_BRIDGE,  /* an interface's name, at most 15 bytes */
        STEM_NETWORK, /* the name of a network of libvirt's, at most NAME_LENGTH_MAX bytes */
} FileStem;

typedef struct FileKind {
        FileType type;
        const char *suffix; /* with its dot */
        FileStem stem;
        /* Sets the member of *document that this kind has.  Returns 0, -EBADMSG or -ENOMEM; on failure
         * *document is untouched and *error says why. */
        int (*parse)(const char *data, size_t size, Document *document, DocumentError *error);
} FileKind;

/* By FileType. */
extern const FileKind file_kinds[_FILE_TYPE_MAX];

/* The kind of the file of that name (without a directory), and the length of the stem.  Returns NULL if the
 * service doesn't read files of that name. */
const FileKind *file_kind_find(const char *name, size_t *ret_stem_length);
