/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The index of names, as it lies in names.cdb: a plain constant database
 * (cdb(5)) whose first record, META, says what the index was read from.
 * All numbers are little-endian.  libc only.
 *
 *     key                               value
 *     "META"                            IndexMeta, always at byte 2048
 *     tag, 'h', folded hostname         IndexEntry[], then the strings they name
 *     tag, 'd', folded domain name      the same
 *     tag, 'a', '4' or '6', address     the same: the names of an address, those of
 *                                       the lease variant first
 *
 * A tag is 8 hexadecimal digits: the low half of SipHash-2-4 of the rest of the key, under
 * META's salt (index/key.h says why).
 *
 * A value is: u16 number of entries, 6 bytes of zero, the entries, and
 * NUL-terminated strings to the end.  Entries come in the order of answers:
 * newest expiry first, never-expiring ones last, then by file name and place.
 */

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

#include "names/name.h"
#include "util/address.h"
#include "util/limits.h"

#define INDEX_FILE_NAME "names.cdb"
#define INDEX_FORMAT_MAGIC UINT64_C(0x32584449564c0a0d) /* changes with the format */

#define INDEX_TOC_SIZE 2048U  /* a cdb begins with 256 times (u32 position, u32 slots) */
#define INDEX_HEAD_SIZE 4096U /* table of contents and META, with one read, and all of a small index */

#define INDEX_META_KEY "META"
#define INDEX_META_KEY_LENGTH 4U
#define INDEX_META_POSITION (INDEX_TOC_SIZE + 8U + INDEX_META_KEY_LENGTH)

#define INDEX_KEY_HOSTNAME 'h'
#define INDEX_KEY_DOMAIN 'd'
#define INDEX_KEY_ADDRESS 'a'

typedef enum IndexState {
        INDEX_LIVE = 1,   /* names, as of the stamps */
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

/* What the tags depend on: random, and new in each index.  Any is a good one for the reader. */
typedef struct IndexSalt {
        uint8_t bytes[16];
} IndexSalt;

typedef struct IndexMeta {
        uint64_t magic;
        uint32_t state; /* IndexState */
        uint32_t n_leases;
        StatSignature stamps; /* all 0 unless live */
        IndexSalt salt;     /* the same */
        uint64_t policy;    /* policy_fingerprint(); for the service alone */
} IndexMeta;

typedef struct IndexEntry {
        int64_t expiry;         /* seconds since the epoch; 0 = never */
        uint8_t address[16];    /* network byte order; 4 bytes for IPv4 */
        char interface[16];     /* the bridge; padded with NUL, at least one */
        uint32_t ifindex;       /* 0 in the file; filled in by who knows it */
        uint8_t family;         /* 4 or 6, as AF_* differ between systems; 0: a name without address */
        uint8_t variant;        /* NameVariant */
        uint16_t name;          /* where the canonical name begins, from the value's start */
} IndexEntry;

#define INDEX_VALUE_HEAD 8U

_Static_assert(sizeof(IndexEntry) == 48, "the index is a file format");
_Static_assert(sizeof(IndexMeta) == 80, "the index is a file format");

/* Between the file's byte order and the host's: each is its own inverse. */
static inline IndexMeta index_meta_swap(IndexMeta m) {
        m.magic = le64toh(m.magic);
        m.state = le32toh(m.state);
        m.n_leases = le32toh(m.n_leases);
        m.stamps.device = le64toh(m.stamps.device);
        m.stamps.inode = le64toh(m.stamps.inode);
        m.stamps.mtime_sec = (int64_t) le64toh((uint64_t) m.stamps.mtime_sec);
        m.stamps.ctime_sec = (int64_t) le64toh((uint64_t) m.stamps.ctime_sec);
        m.stamps.mtime_nsec = le32toh(m.stamps.mtime_nsec);
        m.stamps.ctime_nsec = le32toh(m.stamps.ctime_nsec);
        m.policy = le64toh(m.policy);
        return m;
}

static inline IndexEntry index_entry_swap(IndexEntry e) {
        e.expiry = (int64_t) le64toh((uint64_t) e.expiry);
        e.ifindex = le32toh(e.ifindex);
        e.name = le16toh(e.name);
        return e;
}
