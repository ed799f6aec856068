/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * All claims to names on this host, each judged: which lease has which names, in which variant, and which
 * names are refused and why.  Made from the leases and MAC maps of all networks.  The index is written from
 * it, and refusals are explained from it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names/host-addresses.h"
#include "names/policy.h"
#include "names/seen.h"
#include "source/document.h"
#include "util/arena.h"

#define CATALOG_NONE UINT32_MAX

/* The documents of one bridge's files.  Either may be NULL. */
typedef struct CatalogNetwork {
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
        Document *status, *macs;
} CatalogNetwork;

/* The claim of a binding, or of a domain without a lease, to a form of a name.  Leases of running domains go
 * before others with the same hostname; leases with a static name, or its MAC address, before the static
 * name. */
typedef struct Claim {
        const char *key;  /* folded */
        const char *name; /* as it is spelled: the canonical name */
        uint32_t binding; /* into Catalog.bindings; CATALOG_NONE: a domain without a lease */
        uint32_t network; /* into Catalog.networks */
        NameVariant variant;
        NameVerdict verdict;
        NameVerdict outrun_verdict; /* until outrun_until */
        int64_t outrun_until;       /* the end of what goes first; OUTRUN_NEVER: there is nothing */
} Claim;

#define OUTRUN_NEVER INT64_MIN

typedef struct CatalogBinding {
        const Binding *binding;
        uint32_t network;
        uint32_t first_claim, n_claims; /* into Catalog.claims; the full names before the bare one */
        const char *domain;             /* that has its MAC address; or NULL */
        NameVerdict verdict;            /* the policy's on the hostname; NAME_GOOD if there is none */
        bool superseded;                /* its MAC address has another lease, which ends later */
        bool nameless;                  /* an address that was seen, and is contested: it has no name */
} CatalogBinding;

/* Everything that a catalog is made of. */
typedef struct CatalogSources {
        size_t n_networks;
        const CatalogNetwork *networks; /* in the order of their files' names */
        size_t n_documents;
        Document **documents; /* with static names */
        const NicList *nics;  /* as libvirt-resolve-domains states them; or NULL */
        size_t n_bridges;
        const SeenBridge *bridges; /* as libvirt-resolve-seen states them */
        HostAddresses host;        /* may be empty if nothing but networks is set */
} CatalogSources;

typedef struct Catalog {
        size_t n_networks;
        CatalogNetwork *networks; /* in the order of their files' names, then those without files */
        size_t n_documents;
        Document **documents; /* of static names */
        size_t n_leases;
        size_t n_seen;
        JudgedAddress *seen;      /* all claims by domains' NICs, also those that are refused */
        size_t n_bindings;        /* leases, then addresses that were seen, then static names */
        CatalogBinding *bindings; /* leases by network, then position */
        size_t n_claims;
        Claim *claims;     /* by lease */
        uint32_t *by_name; /* claims, by variant, key, and order of answers */
        size_t n_dropped;  /* leases beyond the limit */
        bool reverse;
        Arena strings;
} Catalog;

/*
 * Judges every claim.  The catalog takes a reference to each document, and keeps nothing else of the sources.
 * n_leases_max: CATALOG_LEASES_MAX.  Returns 0 and the catalog, or -ENOMEM.
 */
int catalog_new(const CatalogSources *sources, const NamePolicy *policy, size_t n_leases_max, Catalog **ret);

/* Takes NULL; returns NULL. */
Catalog *catalog_free(Catalog *catalog);
DEFINE_CLEANUP(Catalog *, catalog_free);

/* The verdict on a claim at now (seconds since the epoch). */
static inline NameVerdict claim_judge(const Claim *claim, int64_t now) {
        bool outrun = claim->outrun_until != OUTRUN_NEVER && now <= claim->outrun_until;

        return claim->verdict == NAME_GOOD && outrun ? claim->outrun_verdict : claim->verdict;
}

/* Finds the claims to a name in one variant.  Returns their number, and the position of the first in
 * by_name. */
size_t catalog_find(const Catalog *catalog, NameVariant variant, const char *folded, size_t *ret_first);

/* Compares two bindings by the order of answers: leases, then addresses that were seen, then static names. Of
 * the same source the newest expiry comes first, never-expiring ones last, then by their order in the
 * catalog; but of addresses that were seen, IPv4 comes first, and link-local ones last. */
int catalog_binding_compare(const CatalogBinding *a, const CatalogBinding *b);
