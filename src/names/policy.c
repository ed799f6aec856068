/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The name policy.
 */

#include "names/policy.h"

#include <errno.h>
#include <string.h>

#include "util/siphash.h"

void policy_clear(NamePolicy *policy) {
        for (size_t i = 0; i < policy->n_suffixes; i++)
                free(policy->suffixes[i].name);
        for (size_t i = 0; i < policy->n_denied; i++)
                free(policy->denied[i]);
        policy->n_suffixes = policy->n_denied = 0;
}

static bool names_contain(char *const *names, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

static int names_add(char **names, size_t *n, const char *folded) {
        char *copy;

        if (names_contain(names, *n, folded))
                return -EEXIST;
        if (*n >= POLICY_NAMES_MAX)
                return -E2BIG;
        copy = strdup(folded);
        if (!copy)
                return -ENOMEM;
        names[(*n)++] = copy;
        return 0;
}

static bool interface_is_name(const char *text) {
        return text[0] != '\0' && strlen(text) <= INTERFACE_NAME_LENGTH_MAX;
}

/* Splits "SUFFIX@BRIDGE" or "SUFFIX"; the name of *ret points into folded. */
static bool suffix_parse(const char *text, char folded[static NAME_SIZE], Suffix *ret) {
        const char *at = strchrnul(text, '@');
        char name[NAME_SIZE];
        size_t n = (size_t) (at - text);

        *ret = (Suffix) { .name = folded };
        if (n >= sizeof(name) || (at[0] == '@' && !interface_is_name(at + 1)))
                return false;
        if (at[0] == '@')
                (void) stpcpy(ret->interface, at + 1);
        memcpy(name, text, n);
        name[n] = '\0';
        return name_fold(name, folded) > 0 && name_is_hostname(folded);
}

int policy_add_suffix(NamePolicy *policy, const char *text) {
        char folded[NAME_SIZE];
        Suffix suffix;

        if (!suffix_parse(text, folded, &suffix))
                return -EINVAL;
        for (size_t i = 0; i < policy->n_suffixes; i++)
                if (strcmp(policy->suffixes[i].name, folded) == 0 &&
                                strcmp(policy->suffixes[i].interface, suffix.interface) == 0)
                        return -EEXIST;
        if (policy->n_suffixes >= POLICY_NAMES_MAX)
                return -E2BIG;
        suffix.name = strdup(folded);
        if (!suffix.name)
                return -ENOMEM;
        policy->suffixes[policy->n_suffixes++] = suffix;
        return 0;
}

static bool suffix_equal(const Suffix *a, const Suffix *b) {
        return strcmp(a->name, b->name) == 0 && strcmp(a->interface, b->interface) == 0;
}

/* Whether the suffixes from that one on are the n given ones. */
static bool suffixes_equal(const NamePolicy *policy, size_t first, const Suffix *suffixes, size_t n) {
        if (policy->n_suffixes - first != n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (!suffix_equal(policy->suffixes + first + i, suffixes + i))
                        return false;
        return true;
}

static void suffixes_free(Suffix *suffixes, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(suffixes[i].name);
}

/* Makes at most max suffixes of those that are host names.  Returns their number or -ENOMEM. */
static int network_suffixes_make(const NetworkSuffix *from, size_t n_from, Suffix *suffixes, size_t max) {
        size_t n = 0;

        for (size_t i = 0; i < n_from && n < max; i++) {
                char folded[NAME_SIZE];

                if (name_fold(from[i].name, folded) == 0 || !name_is_hostname(folded))
                        continue;
                suffixes[n] = (Suffix) { .name = strdup(folded), .of_network = true };
                if (!suffixes[n].name) {
                        suffixes_free(suffixes, n);
                        return -ENOMEM;
                }
                memcpy(suffixes[n++].interface, from[i].interface, sizeof(suffixes->interface));
        }
        return (int) n;
}

int policy_set_network_suffixes(NamePolicy *policy, const NetworkSuffix *from, size_t n_from,
                size_t *ret_skipped) {
        Suffix suffixes[POLICY_NAMES_MAX];
        size_t first = 0;
        int n;

        while (first < policy->n_suffixes && !policy->suffixes[first].of_network)
                first++;
        n = network_suffixes_make(from, n_from, suffixes, POLICY_NAMES_MAX - first);
        if (n < 0)
                return n;
        *ret_skipped = n_from - (size_t) n;
        if (suffixes_equal(policy, first, suffixes, (size_t) n)) {
                suffixes_free(suffixes, (size_t) n);
                return 0;
        }
        suffixes_free(policy->suffixes + first, policy->n_suffixes - first);
        memcpy(policy->suffixes + first, suffixes, (size_t) n * sizeof(*suffixes));
        policy->n_suffixes = first + (size_t) n;
        return 1;
}

bool suffix_is_on(const Suffix *suffix, const char *interface) {
        return suffix->interface[0] == '\0' || !interface || strcmp(suffix->interface, interface) == 0;
}

int policy_add_denied(NamePolicy *policy, const char *name) {
        char folded[NAME_SIZE];

        if (name_fold(name, folded) == 0)
                return -EINVAL;
        return names_add(policy->denied, &policy->n_denied, folded);
}

bool policy_set_host_name(NamePolicy *policy, const char *nodename) {
        char folded[NAME_SIZE];

        (void) name_fold(nodename, folded);
        if (strcmp(policy->host_name, folded) == 0)
                return false;
        memcpy(policy->host_name, folded, sizeof(folded));
        return true;
}

/* The length of a name without the longest suffix on an interface that it is below; 0 if it is below none. */
static size_t policy_stem(const NamePolicy *policy, const char *interface, const char *folded) {
        size_t n = strlen(folded), stem = 0;

        for (size_t i = 0; i < policy->n_suffixes; i++) {
                const Suffix *suffix = policy->suffixes + i;
                size_t d = strlen(suffix->name);

                if (suffix_is_on(suffix, interface) && n > d + 1 && folded[n - d - 1] == '.' &&
                                strcmp(folded + n - d, suffix->name) == 0)
                        stem = stem == 0 ? n - d - 1 : MIN2(stem, n - d - 1);
        }
        return stem;
}

bool policy_is_local(const NamePolicy *policy, const char *interface, const char *folded) {
        return !strchr(folded, '.') || policy_stem(policy, interface, folded) > 0;
}

static bool policy_is_hosts_own(const NamePolicy *policy, const char *folded) {
        size_t label = strcspn(policy->host_name, ".");

        if (label == 0)
                return false;
        return strcmp(folded, policy->host_name) == 0 ||
               (strlen(folded) == label && strncmp(folded, policy->host_name, label) == 0);
}

/* Judges one form alone.  Whether it reads as an address depends on the whole name. */
static NameVerdict policy_judge_form(const NamePolicy *policy, const char *folded) {
        if (name_is_reserved(folded) && !name_is_address(folded))
                return NAME_RESERVED;
        if (policy_is_hosts_own(policy, folded))
                return NAME_HOSTS_OWN;
        if (names_contain(policy->denied, policy->n_denied, folded))
                return NAME_DENIED;
        return NAME_GOOD;
}

NameVerdict policy_judge_name(const NamePolicy *policy, const char *folded) {
        size_t n = policy_stem(policy, NULL, folded);
        char stem[NAME_SIZE];
        NameVerdict v;

        if (name_is_address(folded))
                return NAME_ADDRESS;
        v = policy_judge_form(policy, folded);
        if (v != NAME_GOOD || n == 0)
                return v;

        memcpy(stem, folded, n);
        stem[n] = '\0';
        return policy_judge_form(policy, stem);
}

NameVerdict policy_judge_hostname(const NamePolicy *policy, const char *interface, const char *folded) {
        NameVerdict v;

        v = policy_judge_name(policy, folded);
        if (v != NAME_GOOD)
                return v;
        if (!name_is_hostname(folded))
                return NAME_BAD_HOSTNAME;
        return policy_is_local(policy, interface, folded) ? NAME_GOOD : NAME_DOTTED;
}

NameVerdict policy_judge_domain(const NamePolicy *policy, const char *folded) {
        return policy_judge_name(policy, folded);
}

/* The hash of the previous input, followed by a string. */
static uint64_t hash_add(uint64_t hash, const char *text) {
        uint8_t key[16] = { 0 };

        memcpy(key, &hash, sizeof(hash));
        return siphash24(key, text, strlen(text) + 1);
}

uint64_t policy_fingerprint(const NamePolicy *policy) {
        uint64_t hash = 0;

        for (size_t i = 0; i < policy->n_suffixes && !policy->suffixes[i].of_network; i++)
                hash = hash_add(hash_add(hash, policy->suffixes[i].name), policy->suffixes[i].interface);
        hash = hash_add(hash, "");
        for (size_t i = 0; i < policy->n_denied; i++)
                hash = hash_add(hash, policy->denied[i]);
        hash = hash_add(hash, "");
        hash = hash_add(hash, policy->host_name);
        hash = hash_add(hash, policy->reverse ? "reverse" : "");
        hash = hash_add(hash, policy->static_off ? "" : "static");
        return hash_add(hash, policy->hostnames_off ? "" : "hostnames");
}

const char *name_verdict_reason(NameVerdict verdict) {
        static const char *const reasons[_NAME_VERDICT_MAX] = {
                [NAME_GOOD] = "nothing is wrong with it",
                [NAME_BAD_HOSTNAME] = "it is not a valid host name",
                [NAME_DOTTED] = "a guest's name may have a dot only below a domain given with --domain=",
                [NAME_RESERVED] = "the name has a meaning of its own and is never a guest's",
                [NAME_HOSTS_OWN] = "it is this host's own name",
                [NAME_DENIED] = "the administrator denied it with --deny-name=",
                [NAME_ADDRESS] = "it reads as an address",
                [NAME_TAKEN] = "a libvirt domain has that name, and the lease isn't that domain's",
                [NAME_BAD_ADDRESS] = "the lease's address can't be a guest's",
                [NAME_SUPERSEDED] = "its MAC address has another lease on that network, which ends later",
                [NAME_LEASED] = "it is a static name, and a lease has that name or its MAC address",
                [NAME_OF_RUNNING] =
                                "a running domain has that hostname, and the lease isn't a running domain's",
                [NAME_SEEN] = "another address of the domain, or another holder of the address, goes first",
        };

        return verdict < _NAME_VERDICT_MAX ? reasons[verdict] : "it is refused";
}
