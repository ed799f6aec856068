/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looking a name up in the index: the one implementation, for the service and
 * the NSS modules.  libc only, no allocation, no state, two reads more than the
 * head's (three where a large table's slots go round its end).  The file is not trusted: whatever its bytes, a lookup ends, touches
 * nothing outside its buffers, and never gives a reserved name or an address
 * that can't be a guest's.
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
        uint32_t size; /* bytes of head that were there; or of map */
        const uint8_t *map; /* the whole index, where its writer mapped it; or NULL */
        union {
                uint8_t head[INDEX_HEAD_SIZE];
                uint64_t align;
        };
} Index;

/* The outcome of a lookup; a failure is a negative errno instead. */
typedef enum LookupResult {
        LOOKUP_FOUND = 0,
        LOOKUP_NO_NAME,    /* no guest is called so, or has this address */
        LOOKUP_EXPIRED,    /* one was, but its leases are over */
        LOOKUP_NO_LEASE,   /* a domain that has no lease (yet) */
        LOOKUP_NO_FAMILY,  /* has addresses, but none of that family or on that interface */
} LookupResult;

/* The entries that answer a question, best first, and the canonical name. */
typedef struct Answer {
        size_t n_entries;
        IndexEntry *entries;    /* into buffer, in host byte order, each name checked */
        union {
                char buffer[INDEX_RECORD_MAX];
                uint64_t align;
        };
} Answer;

/* The canonical name of an entry: a string inside answer->buffer. */
static inline const char *answer_name(const Answer *answer, const IndexEntry *entry) {
        return answer->buffer + entry->name;
}

/* Reads and checks the head.  Returns 0, or -EBADMSG (not an index of this
 * format), or read's errno. */
int index_load(int fd, Index *ret);

/* META of a loaded index. */
IndexMeta index_meta(const Index *index);

void stat_signature(const struct stat *st, StatSignature *ret);

/* Whether the directory is still as it was when the index was read from it. */
bool index_is_current(const IndexMeta *meta, const struct stat *st);

/*
 * Looks up the entries of a name (in any letter case, a trailing dot ignored).
 *
 * family: AF_INET, AF_INET6 or AF_UNSPEC; interface: a bridge's name, or NULL for any;
 * now: seconds since the epoch, for the leases' expiry.  Entries that expired, are of
 * another family, interface, or no guest's address are left out; of several with
 * the same address the one that lasts longest stays.
 *
 * Returns a LookupResult, or a negative errno: -EBADMSG for a damaged index.
 * *ret is the caller's buffer, and of use where the result is LOOKUP_FOUND;
 * after LOOKUP_EXPIRED entry 0 is the newest of those that were.
 */
int index_find_name(const Index *index, NameVariant variant, const char *name, int family,
                const char *interface, int64_t now, Answer *ret);

/*
 * Looks up the names of an address, for one variant, or both (0: the lease
 * variant's first).  Each name once.  LOOKUP_NO_NAME, LOOKUP_EXPIRED or
 * LOOKUP_FOUND.
 */
int index_find_address(const Index *index, NameVariant variant, int family, const uint8_t *address,
                const char *interface, int64_t now, Answer *ret);
