/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lookups in the manager's index, for the bus and for the resolve hook.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/reader.h"
#include "names/catalog.h"
#include "util/util.h"

typedef struct Manager Manager;

/* A caller's question about a name. */
typedef struct Question {
        uint32_t ifindex; /* of a network; 0: any */
        const char *name; /* borrowed */
        int family;       /* AF_UNSPEC: any */
        uint64_t flags;   /* the variants, as VARIANT_…; 0: all */
} Question;

/* The maximum number of addresses of a name, in both variants together. */
#define FOUND_ENTRIES_MAX (2 * INDEX_RECORD_MAX / sizeof(IndexEntry))

/* The answers of both variants. */
typedef struct Found {
        int lease, domain;                  /* a LookupResult each */
        Answer lease_answer, domain_answer; /* also set after LOOKUP_EXPIRED: see index_find_name() */

        /* The addresses of both without duplicates, the lease variant's first.  (A link-local address once
         * for each network.) */
        size_t n_entries;
        const IndexEntry *entries[FOUND_ENTRIES_MAX];
        const char *canonical_name; /* NULL: nothing was found */
} Found;

static inline bool flags_want(uint64_t flags, NameVariant variant) {
        return flags == 0 || (flags & variant);
}

/* Asks the variants in the question, after manager_refresh().  Returns 0 or a negative errno. */
int lookup_name(const Manager *m, const Question *q, Found *ret);

/* Removes static names from the answers. */
void found_drop_static(Found *found);

/* As index_find_address(), after manager_refresh(), on the network with that ifindex; 0: any. */
int lookup_address(const Manager *m, NameVariant variant, const Address *address, uint32_t ifindex,
                Answer *ret);

/* The policy's rule that refuses a name, after manager_refresh(); NAME_GOOD if there is none.  *ret: the
 * refused claim, or NULL if nobody claims the name. */
NameVerdict lookup_refusal(const Manager *m, NameVariant variant, const char *name, const Claim **ret);
