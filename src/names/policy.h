/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The name policy: which names a guest may have on this host.  Guests choose their own hostnames, and aren't
 * trusted.  Pure functions: the administrator's options and the host's own name are arguments.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names/name.h"
#include "source/networks-file.h"
#include "util/util.h"

/* The policy's verdict on a name.  NAME_GOOD is 0; every other verdict is a refusal. */
typedef enum NameVerdict {
        NAME_GOOD = 0,
        NAME_BAD_HOSTNAME, /* not a valid host name (RFC 1123) */
        NAME_DOTTED,       /* has a dot, and isn't below a suffix that applies on that network */
        NAME_RESERVED,     /* a name with a meaning of its own */
        NAME_HOSTS_OWN,    /* the host's own name */
        NAME_DENIED,       /* the administrator's --deny-name= */
        NAME_ADDRESS,      /* reads as an IPv4 address; a name below a suffix doesn't */
        NAME_TAKEN,        /* the name of a libvirt domain that isn't this guest's */
        NAME_BAD_ADDRESS,  /* the lease's address can't be a guest's, whatever the name */
        NAME_SUPERSEDED,   /* the MAC address has a lease that ends later */
        NAME_LEASED,       /* a static name, while a lease has it, or its MAC address has one */
        NAME_OF_RUNNING,   /* a running domain has the same hostname, and the lease isn't one's */
        NAME_SEEN,         /* an address that was seen, while another binding goes first */
        _NAME_VERDICT_MAX,
} NameVerdict;

/* A DNS suffix below which guests are answered. */
typedef struct Suffix {
        char *name;                                    /* folded */
        char interface[INTERFACE_NAME_LENGTH_MAX + 1]; /* the only network on which it applies; "": all */
        bool of_network;                               /* the network's own, not from --domain= */
} Suffix;

typedef struct NamePolicy {
        size_t n_suffixes;
        Suffix suffixes[POLICY_NAMES_MAX]; /* of --domain=, then the networks' own */
        size_t n_denied;
        char *denied[POLICY_NAMES_MAX]; /* folded, of --deny-name= */
        char host_name[NAME_SIZE];      /* folded, as the kernel has it now; "" where there is none */
        bool reverse;                   /* addresses have names */
        bool hostnames_off;             /* only libvirt domains have names */
        bool static_off;                /* the administrator's static names aren't answered */
} NamePolicy;

/* Frees everything that the policy owns, but not the policy. */
void policy_clear(NamePolicy *policy);

/* Add the value of an option.  Return 0; -EINVAL if a suffix isn't a host name (and a bridge), or a denied
 * name is empty or too long; -E2BIG beyond POLICY_NAMES_MAX; -EEXIST if it was given before (harmless);
 * -ENOMEM. */
int policy_add_suffix(NamePolicy *policy, const char *suffix); /* "lab.example", or "lab.example@virbr1" */
int policy_add_denied(NamePolicy *policy, const char *name);

/* Replaces the suffixes that are networks' own; those that aren't host names, or beyond POLICY_NAMES_MAX, are
 * left out and counted in *ret_skipped.  Returns 1 if that changed the policy, 0 if not, or -ENOMEM. */
int policy_set_network_suffixes(NamePolicy *policy, const NetworkSuffix *suffixes, size_t n,
                size_t *ret_skipped);

/* Sets the host's own name, the kernel's nodename.  Returns whether it changed. */
bool policy_set_host_name(NamePolicy *policy, const char *nodename);

/* Judges a form of a name, no matter which guest claims it.  Returns NAME_GOOD, NAME_RESERVED,
 * NAME_HOSTS_OWN, NAME_DENIED or NAME_ADDRESS. */
NameVerdict policy_judge_name(const NamePolicy *policy, const char *folded);

/* Judges the hostname (folded) of a guest on an interface.  Only the catalog knows whether a libvirt domain
 * has that name. */
NameVerdict policy_judge_hostname(const NamePolicy *policy, const char *interface, const char *folded);

/* Judges a libvirt domain's name (folded), which may be any string. */
NameVerdict policy_judge_domain(const NamePolicy *policy, const char *folded);

/* Whether a name (folded) has no dot, or is below a suffix that applies on an interface; NULL: on any. */
bool policy_is_local(const NamePolicy *policy, const char *interface, const char *folded);

/* Whether a suffix applies on an interface; NULL: on any. */
bool suffix_is_on(const Suffix *suffix, const char *interface);

/* A 64-bit hash of the administrator's policy, without networks' own suffixes.  Not collision-resistant: the
 * administrator is trusted. */
uint64_t policy_fingerprint(const NamePolicy *policy);

/* A clause for a person, as in "NAME is refused: CLAUSE". */
const char *name_verdict_reason(NameVerdict verdict);
