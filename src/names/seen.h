/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which of the addresses that were seen on bridges are domains' addresses.  A helper states what NICs claim;
 * guests aren't trusted, and the helper isn't trusted with the addresses of others.  Pure functions: what
 * the host's network looks like is an argument.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names/domains.h"
#include "names/host-addresses.h"
#include "source/binding.h"
#include "source/seen-file.h"
#include "util/arena.h"
#include "util/util.h"

/* The verdict on a claim.  SEEN_GOOD is 0; every other verdict is a refusal. */
typedef enum SeenVerdict {
        SEEN_GOOD = 0,
        SEEN_UNBELIEVED,  /* the helper refuses it, and says why */
        SEEN_UNCONFIRMED, /* there is no proof of it yet */
        SEEN_BAD_ADDRESS, /* no guest can have such an address */
        SEEN_NO_NETWORK,  /* the host has no address of that family on the bridge */
        SEEN_OFF_LINK,    /* it is in none of the networks that the host has on the bridge */
        SEEN_HOSTS_OWN,   /* it is one of the host's own */
        SEEN_NETWORKS,    /* it is the network's own, or broadcast */
        SEEN_GATEWAY,     /* it is the next hop of one of the host's routes */
        SEEN_NO_ROUTES,   /* the host's routes aren't known, so it might be */
        SEEN_OTHER_TAP,   /* it didn't come by the tap of the domain's NIC */
        SEEN_TWO_DOMAINS, /* two running domains have the MAC address */
        SEEN_STATIC,      /* the administrator gave it to another MAC address */
        SEEN_TOO_MANY,    /* the NIC, or the bridge, has too many */
        SEEN_HELD,        /* another NIC had it first */
        SEEN_LEASED,      /* another MAC address has a lease of it */
        SEEN_SUPERSEDED,  /* its own MAC address has a lease of that family, which is answered instead */
        SEEN_LINK_LOCAL,  /* it works only together with an interface, and the domain has another address */
        SEEN_EXPIRED,     /* its last proof is too old */
        _SEEN_VERDICT_MAX,
} SeenVerdict;

/* A clause for a person, as in "ADDRESS isn't answered: CLAUSE". */
const char *seen_verdict_reason(SeenVerdict verdict);

/* The addresses that were seen on one bridge. */
typedef struct SeenBridge {
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
        const SeenList *list;
} SeenBridge;

/* A claim by a domain's NIC, judged. */
typedef struct JudgedAddress {
        SeenAddress seen;   /* its strings belong to the arena */
        const char *domain; /* that has the MAC address */
        uint32_t network;
        uint32_t binding; /* into Catalog.bindings; CATALOG_NONE if the verdict is a refusal */
        SeenVerdict verdict;
        SeenVerdict outrun_verdict; /* until outrun_until */
        int64_t outrun_until;       /* the end of what goes first; INT64_MIN: nothing does */
        const char *rival;          /* the domain that had the address first; or NULL */
} JudgedAddress;

/* All zero: an empty table. */
typedef struct SeenTable {
        size_t n_addresses;
        JudgedAddress *addresses; /* by bridge, then as in the file */
} SeenTable;

/* Frees what the table owns.  For _cleanup_(). */
void seen_table_done(SeenTable *table);

/* What claims are judged by. */
typedef struct SeenRules {
        const DomainTable *domains;
        const HostAddresses *host;
        size_t n_reserved;
        const Binding **reserved; /* static names with a MAC address, in the order of addresses */
} SeenRules;

/* Judges an address, no matter who claims it. */
SeenVerdict seen_judge_address(const HostAddresses *host, const char *bridge, const Address *address);

/* Adds the claims on a bridge whose MAC address is a running domain's there; other ones say nothing about
 * domains. Returns 0 or -ENOMEM. */
int seen_table_add(SeenTable *table, uint32_t network, const SeenBridge *bridge, const SeenRules *rules,
                Arena *arena);

/* Judges the claims by each other, after the last was added.  n_max: SEEN_BRIDGE_MAX.  Returns 0 or -ENOMEM.
 */
int seen_table_finish(SeenTable *table, size_t n_max);

/* Lets a claim wait for the end of something that goes first. */
void judged_outrun(JudgedAddress *judged, int64_t until, SeenVerdict verdict);

/* Why a claim with that verdict isn't answered: a clause, perhaps in the helper's words. */
const char *judged_reason(const JudgedAddress *judged, SeenVerdict verdict);

/* The verdict on a claim at now (seconds since the epoch). */
SeenVerdict judged_verdict(const JudgedAddress *judged, int64_t now);
