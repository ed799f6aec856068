/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The index of names, as it is stored in names.cdb: a plain constant database (cdb(5)) whose first record,
 * META, says what the index was made from.  The file never leaves its host, so META and the values are in
 * native byte order; a foreign order is detected by the magic.  libc only.
 *
 *     key                               value
 *     "META"                            IndexMeta, always at byte 2048
 *     tag, 'h', folded hostname         IndexEntry[], then the strings that they refer to
 *     tag, 'd', folded domain name      the same
 *     tag, 'a', '4' or '6', address     the same: the names of an address, those of
 *                                       the lease variant first
 *
 * A tag is 8 hexadecimal digits: the low half of SipHash-2-4 of the rest of the key, under META's salt
 * (index/key.h says why).
 *
 * A value is: u16 number of entries, 6 bytes of zero, the entries, and NUL-terminated strings to the end.
 * Entries are in the order of answers: newest expiry first, never-expiring ones last, then by file name and
 * position.
 */

#include <stddef.h>
#include <stdint.h>

#include "names/name.h"
#include "util/address.h"
#include "util/limits.h"

#define INDEX_FILE_NAME "names.cdb"
#define INDEX_FORMAT_MAGIC UINT64_C(0x33584449564c0a0d) /* changes with the format */

#define INDEX_TOC_SIZE 2048U  /* a cdb begins with 256 times (u32 position, u32 slots) */
#define INDEX_HEAD_SIZE 4096U /* one read brings table of contents, META, and all of a small index */

#define INDEX_META_KEY "META"
#define INDEX_META_KEY_LENGTH 4U
#define INDEX_META_POSITION (INDEX_TOC_SIZE + 8U + INDEX_META_KEY_LENGTH)

#define INDEX_KEY_HOSTNAME 'h'
#define INDEX_KEY_DOMAIN 'd'
#define INDEX_KEY_ADDRESS 'a'

typedef enum IndexState {
        INDEX_LIVE = 1,   /* names, as of the signature */
        INDEX_FAILED = 2, /* no names: the service could not start */
        INDEX_ABSENT = 3, /* no names: there was no lease directory */
} IndexState;

/* What stat(2) said of the lease directory before the files were read. */
typedef struct StatSignature {
        uint64_t device;
        uint64_t inode;
        int64_t mtime_sec;
        int64_t ctime_sec;
        uint32_t mtime_nsec;
        uint32_t ctime_nsec;
} StatSignature;

/* The key of the tags: random, and new in each index.  The reader accepts any. */
typedef struct IndexSalt {
        uint8_t bytes[16];
} IndexSalt;

typedef struct IndexMeta {
        uint64_t magic;
        uint32_t state; /* IndexState */
        uint32_t n_leases;
        StatSignature signature; /* all 0 unless live */
        IndexSalt salt;          /* likewise */
        uint64_t policy;         /* policy_fingerprint(); used by the service alone */
} IndexMeta;

typedef struct IndexEntry {
        int64_t expiry;      /* seconds since the epoch; 0: never */
        uint8_t address[16]; /* network byte order; 4 bytes for AF_INET */
        char interface[16];  /* the bridge; padded with NUL, at least one */
        union {
                uint32_t outrun_until; /* in the file: see below */
                uint32_t ifindex;      /* in an answer: 0, or set by callers that know it */
        };
        uint8_t family;      /* AF_INET or AF_INET6; AF_UNSPEC: a name without an address */
        uint8_t variant : 4; /* NameVariant */
        uint8_t source : 4;  /* BindingSource */
        uint16_t name;       /* where the canonical name begins, from the value's start */
} IndexEntry;

/* Up to and including outrun_until (seconds since the epoch) an entry isn't answered, because others have its
 * name: those of a running domain.  0: it always is. */
#define INDEX_OUTRUN_ALWAYS UINT32_MAX

#define INDEX_VALUE_HEAD 8U

_Static_assert(sizeof(IndexEntry) == 48, "the index is a file format");
_Static_assert(sizeof(IndexMeta) == 80, "the index is a file format");
