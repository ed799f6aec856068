/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The name policy: what a guest may be called on this host.  Guests choose their
 * own hostnames, and aren't trusted with them.  Pure functions; what the
 * administrator said and the host's own name are handed in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names/name.h"
#include "util/util.h"

/* What the policy says of a name.  NAME_GOOD is 0, all else a refusal. */
typedef enum NameVerdict {
        NAME_GOOD = 0,
        NAME_BAD_HOSTNAME,    /* not a valid host name (RFC 1123) */
        NAME_DOTTED,          /* has a dot, and isn't below a domain that the administrator named */
        NAME_RESERVED,        /* a name with a meaning of its own */
        NAME_HOSTS_OWN,       /* the host's own */
        NAME_DENIED,          /* the administrator's --deny-name= */
        NAME_ADDRESS,         /* an IPv4 address, however written; below a domain it is none */
        NAME_TAKEN,           /* a libvirt domain's, whose guest this isn't */
        NAME_BAD_ADDRESS,     /* good or not: the lease's address is no guest's */
        _NAME_VERDICT_MAX,
} NameVerdict;

typedef struct NamePolicy {
        size_t n_suffixes;
        char *suffixes[POLICY_NAMES_MAX]; /* folded DNS suffixes, of --domain= */
        size_t n_denied;
        char *denied[POLICY_NAMES_MAX];  /* folded, of --deny-name= */
        char host_name[NAME_SIZE];       /* folded, as the kernel has it now; "" where there is none */
        bool reverse;                    /* whether addresses have names */
        bool hostnames_off;              /* whether only libvirt domains have names */
} NamePolicy;

/* Frees what the policy owns, not the policy. */
void policy_clear(NamePolicy *policy);

/* Add an option's value.  0; -EINVAL: no host name (a domain), nothing or too long
 * (a denied name); -E2BIG: POLICY_NAMES_MAX; -EEXIST: given twice, no harm; -ENOMEM. */
int policy_add_suffix(NamePolicy *policy, const char *domain);
int policy_add_denied(NamePolicy *policy, const char *name);

/* Says how the host is called, as in the kernel's nodename.  Returns whether that is news. */
bool policy_set_host_name(NamePolicy *policy, const char *nodename);

/* Judges a form of a name as a question, or an answer, whoever claims it:
 * NAME_GOOD, NAME_RESERVED, NAME_HOSTS_OWN, NAME_DENIED or NAME_ADDRESS. */
NameVerdict policy_judge_name(const NamePolicy *policy, const char *folded);

/* Judges a guest's hostname (folded).  Whether a libvirt domain has it already,
 * the catalog knows. */
NameVerdict policy_judge_hostname(const NamePolicy *policy, const char *folded);

/* Judges a libvirt domain's name (folded), which may be any string. */
NameVerdict policy_judge_domain(const NamePolicy *policy, const char *folded);

/* Whether a name (folded) has no dot, or is below a domain that the administrator named. */
bool policy_is_local(const NamePolicy *policy, const char *folded);

/* A number that is another one, but for a chance of 2^-64, for another policy.  Not for use against
 * those who choose policies. */
uint64_t policy_fingerprint(const NamePolicy *policy);

/* A clause for a person, as in "NAME is refused: CLAUSE". */
const char *name_verdict_reason(NameVerdict verdict);
