/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lookups in the index: the one implementation, for the service and the NSS modules.  libc only, no
 * allocation, no state.  A lookup takes two reads after the one of the head, or three if the slots of a
 * large table wrap around. The file isn't trusted: whatever its bytes, a lookup ends, stays within its
 * buffers, and never returns a reserved name or an address that can't be a guest's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "index/format.h"

/* An index whose head has been read.  fd stays the caller's. */
typedef struct Index {
        int fd;
        uint32_t size;      /* bytes in head, or in map */
        const uint8_t *map; /* the whole index, if its writer mapped it; else NULL */
        union {
                uint8_t head[INDEX_HEAD_SIZE];
                uint64_t align;
        };
} Index;

/* The outcome of a lookup; a failure is a negative errno instead. */
typedef enum LookupResult {
        LOOKUP_FOUND = 0,
        LOOKUP_NO_NAME,   /* no guest has this name, or this address */
        LOOKUP_EXPIRED,   /* one had, but its leases have expired */
        LOOKUP_NO_LEASE,  /* a domain that has no lease (yet) */
        LOOKUP_NO_FAMILY, /* it has addresses, but none of that family or on that interface */
} LookupResult;

/* The entries that answer a question, best first. */
typedef struct Answer {
        size_t n_entries;
        IndexEntry *entries; /* into buffer, each name checked */
        union {
                char buffer[INDEX_RECORD_MAX];
                uint64_t align;
        };
} Answer;

/* The canonical name of an entry: a string inside answer->buffer. */
static inline const char *answer_name(const Answer *answer, const IndexEntry *entry) {
        return answer->buffer + entry->name;
}

/* Reads and checks the head.  Returns 0; -EBADMSG if this isn't an index of this format; or an errno of
 * read(2). */
int index_load(int fd, Index *ret);

/* META of a loaded index. */
IndexMeta index_meta(const Index *index);

/* The signature of what stat(2) returned. */
void stat_signature(const struct stat *st, StatSignature *ret);

/* Whether the directory is unchanged since the index was made from it. */
bool index_is_current(const IndexMeta *meta, const struct stat *st);

/*
 * Looks up a name (in any letter case, with or without a trailing dot).
 *
 * family: AF_INET, AF_INET6 or AF_UNSPEC; interface: a bridge's name, or NULL for any; now: seconds since
 * the epoch, to compare with expiries.  Entries that have expired, have another family or interface, or an
 * address that can't be a guest's are left out.  Of several with the same address, the one that lasts
 * longest is kept.
 *
 * Returns a LookupResult, or a negative errno: -EBADMSG for a damaged index.  *ret is valid after
 * LOOKUP_FOUND; after LOOKUP_EXPIRED, entry 0 is the newest expired one.
 */
int index_find_name(const Index *index, NameVariant variant, const char *name, int family,
                const char *interface, int64_t now, Answer *ret);

/*
 * Looks up the names of an address in one variant, or in both (variant 0: those of the lease variant first).
 * Each name is returned once.  Returns LOOKUP_NO_NAME, LOOKUP_EXPIRED, LOOKUP_FOUND or a negative errno.
 */
int index_find_address(const Index *index, NameVariant variant, int family, const uint8_t *address,
                const char *interface, int64_t now, Answer *ret);
