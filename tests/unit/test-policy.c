/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The name policy, rule by rule, and where two rules meet.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "names/policy.h"
#include "unit.h"

/* A host called here.example.org that denies puppet, 7 and db.lab.example. */
typedef enum Setting {
        PLAIN,   /* no --domain= */
        LAB,     /* --domain=lab.example */
        NESTED,  /* --domain=example --domain=lab.example */
} Setting;

static void policy_make(NamePolicy *policy, Setting setting) {
        memset(policy, 0, sizeof(*policy));
        ck_assert(policy_set_host_name(policy, "Here.Example.org"));
        ck_assert_int_eq(policy_add_denied(policy, "Puppet."), 0);
        ck_assert_int_eq(policy_add_denied(policy, "db.lab.example"), 0);
        ck_assert_int_eq(policy_add_denied(policy, "7"), 0);
        if (setting == NESTED)
                ck_assert_int_eq(policy_add_suffix(policy, "example"), 0);
        if (setting != PLAIN)
                ck_assert_int_eq(policy_add_suffix(policy, "LAB.example."), 0);
}

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
        Setting setting;
        const char *name; /* folded, as the catalog hands it over */
        NameVerdict hostname, domain;
} rows[] = {
        { PLAIN, "web1", NAME_GOOD, NAME_GOOD },
        { PLAIN, "under_score", NAME_GOOD, NAME_GOOD },

        /* not a host name: a domain may be called so */
        { PLAIN, "-lead", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, "web server.prod \"\xc3\xa9\"", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, "\x1b[31m", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, "../etc", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, L63 "a", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, "web1..lab.example", NAME_BAD_HOSTNAME, NAME_GOOD },
        { LAB, "-lead.lab.example", NAME_BAD_HOSTNAME, NAME_GOOD },
        { LAB, ".lab.example", NAME_BAD_HOSTNAME, NAME_GOOD },

        /* a dot only below --domain= */
        { PLAIN, "github.com", NAME_DOTTED, NAME_GOOD },
        { PLAIN, "web1.lab.example", NAME_DOTTED, NAME_GOOD },
        { LAB, "github.com", NAME_DOTTED, NAME_GOOD },
        { LAB, "web1.lab.example", NAME_GOOD, NAME_GOOD },
        { LAB, "a.b.lab.example", NAME_GOOD, NAME_GOOD },
        { LAB, "lab.example", NAME_DOTTED, NAME_GOOD },
        { LAB, "xlab.example", NAME_DOTTED, NAME_GOOD },
        { LAB, "web1.lab.example.com", NAME_DOTTED, NAME_GOOD },
        { LAB, "lab.example.lab.example", NAME_GOOD, NAME_GOOD },
        { NESTED, "lab.example", NAME_GOOD, NAME_GOOD },
        { NESTED, "web1.example", NAME_GOOD, NAME_GOOD },
        { NESTED, "example", NAME_GOOD, NAME_GOOD },

        /* reserved, also below --domain= */
        { PLAIN, "localhost", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "localhost5", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "localhost.localdomain", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "web1.localhost", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "ip6-loopback", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "wpad", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "isatap", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "_gateway", NAME_RESERVED, NAME_RESERVED },
        { PLAIN, "_x y", NAME_BAD_HOSTNAME, NAME_GOOD },
        { PLAIN, "_gl-1", NAME_BAD_HOSTNAME, NAME_GOOD },
        { LAB, "_gateway.lab.example", NAME_RESERVED, NAME_RESERVED },
        { LAB, "localhost.lab.example", NAME_RESERVED, NAME_RESERVED },
        { LAB, "wpad.lab.example", NAME_RESERVED, NAME_RESERVED },
        { LAB, "isatap.lab.example", NAME_RESERVED, NAME_RESERVED },
        { LAB, "a.localhost.lab.example", NAME_RESERVED, NAME_RESERVED },
        { NESTED, "wpad.lab.example", NAME_RESERVED, NAME_RESERVED },
        { NESTED, "wpad.example", NAME_RESERVED, NAME_RESERVED },

        /* an address, however written, but not below --domain= */
        { PLAIN, "12345", NAME_ADDRESS, NAME_ADDRESS },
        { PLAIN, "2130706433", NAME_ADDRESS, NAME_ADDRESS },
        { PLAIN, "0x7f000001", NAME_ADDRESS, NAME_ADDRESS },
        { PLAIN, "10.9.8.7", NAME_ADDRESS, NAME_ADDRESS },
        { PLAIN, "127.1", NAME_ADDRESS, NAME_ADDRESS },
        { PLAIN, "12345a", NAME_GOOD, NAME_GOOD },
        { PLAIN, "3 web servers", NAME_BAD_HOSTNAME, NAME_GOOD },
        { LAB, "12345", NAME_ADDRESS, NAME_ADDRESS },
        { LAB, "12345.lab.example", NAME_GOOD, NAME_GOOD },
        { LAB, "10.9.8.7.lab.example", NAME_GOOD, NAME_GOOD },
        { PLAIN, "7", NAME_ADDRESS, NAME_ADDRESS },
        { NESTED, "7.example", NAME_DENIED, NAME_DENIED },

        /* the host's own name, full and first label */
        { PLAIN, "here", NAME_HOSTS_OWN, NAME_HOSTS_OWN },
        { PLAIN, "here.example.org", NAME_HOSTS_OWN, NAME_HOSTS_OWN },
        { PLAIN, "her", NAME_GOOD, NAME_GOOD },
        { PLAIN, "heres", NAME_GOOD, NAME_GOOD },
        { PLAIN, "here.example", NAME_DOTTED, NAME_GOOD },
        { PLAIN, "x.here.example.org", NAME_DOTTED, NAME_GOOD },
        { LAB, "here.lab.example", NAME_HOSTS_OWN, NAME_HOSTS_OWN },
        { LAB, "here.example.org.lab.example", NAME_HOSTS_OWN, NAME_HOSTS_OWN },

        /* denied, as it is given; a bare name below --domain=, too */
        { PLAIN, "puppet", NAME_DENIED, NAME_DENIED },
        { PLAIN, "puppet1", NAME_GOOD, NAME_GOOD },
        { PLAIN, "puppet.lab.example", NAME_DOTTED, NAME_GOOD },
        { LAB, "puppet.lab.example", NAME_DENIED, NAME_DENIED },
        { LAB, "db.lab.example", NAME_DENIED, NAME_DENIED },
        { LAB, "db", NAME_GOOD, NAME_GOOD },
        { PLAIN, "db.lab.example", NAME_DENIED, NAME_DENIED },
};

START_TEST(test_judge) {
        const char *name = rows[_i].name;
        NamePolicy policy;
        NameVerdict v;

        policy_make(&policy, rows[_i].setting);
        v = policy_judge_hostname(&policy, NULL, name);
        ck_assert_msg(v == rows[_i].hostname, "%s: as a hostname, %s", name, name_verdict_reason(v));
        v = policy_judge_domain(&policy, name);
        ck_assert_msg(v == rows[_i].domain, "%s: as a domain, %s", name, name_verdict_reason(v));

        /* as a question, it is judged as whoever claims it would be */
        ck_assert_int_eq(policy_judge_name(&policy, name), rows[_i].domain);
        policy_clear(&policy);
}
END_TEST

START_TEST(test_fingerprint) {
        NamePolicy policy = { 0 };
        uint64_t seen[8];
        size_t n = 0;

        seen[n++] = policy_fingerprint(&policy);
        ck_assert_int_eq(policy_add_suffix(&policy, "x"), 0);
        seen[n++] = policy_fingerprint(&policy);
        ck_assert_int_eq(policy_add_denied(&policy, "x"), 0);
        seen[n++] = policy_fingerprint(&policy);
        policy_clear(&policy);
        ck_assert_uint_eq(policy_fingerprint(&policy), seen[0]);
        ck_assert_int_eq(policy_add_denied(&policy, "x"), 0);
        seen[n++] = policy_fingerprint(&policy);
        (void) policy_set_host_name(&policy, "x");
        seen[n++] = policy_fingerprint(&policy);
        policy.reverse = true;
        seen[n++] = policy_fingerprint(&policy);
        policy.hostnames_off = true;
        seen[n++] = policy_fingerprint(&policy);
        policy.reverse = false;
        seen[n++] = policy_fingerprint(&policy);

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < i; k++)
                        ck_assert_msg(seen[i] != seen[k], "%zu and %zu", i, k);
        policy_clear(&policy);
}
END_TEST

START_TEST(test_host_name) {
        NamePolicy policy = { 0 };

        ck_assert_int_eq(policy_judge_name(&policy, "here"), NAME_GOOD);
        ck_assert(!policy_set_host_name(&policy, ""));
        ck_assert(policy_set_host_name(&policy, "HERE"));
        ck_assert(!policy_set_host_name(&policy, "here"));
        ck_assert(!policy_set_host_name(&policy, "here."));
        ck_assert_int_eq(policy_judge_name(&policy, "here"), NAME_HOSTS_OWN);
        ck_assert(policy_set_host_name(&policy, "there.example.org"));
        ck_assert_int_eq(policy_judge_name(&policy, "here"), NAME_GOOD);
        ck_assert_int_eq(policy_judge_name(&policy, "there"), NAME_HOSTS_OWN);
        ck_assert_int_eq(policy_judge_name(&policy, "there.example.org"), NAME_HOSTS_OWN);
        ck_assert(policy_set_host_name(&policy, ""));
        ck_assert_int_eq(policy_judge_name(&policy, "there"), NAME_GOOD);
}
END_TEST

/* A suffix of one network is none on another. */
START_TEST(test_bridge) {
        NamePolicy policy = { 0 };

        ck_assert_int_eq(policy_add_suffix(&policy, "A.lab@virbr1"), 0);
        ck_assert_int_eq(policy_add_suffix(&policy, "a.lab@Virbr1"), 0);
        ck_assert_int_eq(policy_add_suffix(&policy, "a.lab.@virbr1"), -EEXIST);
        ck_assert_str_eq(policy.suffixes[0].interface, "virbr1");
        ck_assert_int_eq(policy_judge_hostname(&policy, "virbr1", "web.a.lab"), NAME_GOOD);
        ck_assert_int_eq(policy_judge_hostname(&policy, "virbr2", "web.a.lab"), NAME_DOTTED);
        ck_assert_int_eq(policy_judge_name(&policy, "wpad.a.lab"), NAME_RESERVED);
        ck_assert(policy_is_local(&policy, NULL, "web.a.lab"));
        policy_clear(&policy);
}
END_TEST

START_TEST(test_add) {
        NamePolicy policy = { 0 };
        char name[300], long_name[300];

        ck_assert_int_eq(policy_add_suffix(&policy, ""), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "."), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, ".lab"), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "lab example"), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "lab.example.."), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "Lab.Example"), 0);
        ck_assert_int_eq(policy_add_suffix(&policy, "lab.example."), -EEXIST);
        ck_assert_int_eq(policy_add_suffix(&policy, "@virbr0"), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "lab.example@"), -EINVAL);
        ck_assert_int_eq(policy_add_suffix(&policy, "lab.example@sixteen-bytes-xx"), -EINVAL);
        ck_assert_str_eq(policy.suffixes[0].name, "lab.example");

        memset(long_name, 'a', sizeof(long_name));
        long_name[NAME_LENGTH_MAX + 1] = '\0';
        ck_assert_int_eq(policy_add_denied(&policy, ""), -EINVAL);
        ck_assert_int_eq(policy_add_denied(&policy, "."), -EINVAL);
        ck_assert_int_eq(policy_add_denied(&policy, long_name), -EINVAL);
        ck_assert_int_eq(policy_add_denied(&policy, "Any Name"), 0);
        ck_assert_int_eq(policy_add_denied(&policy, "any name"), -EEXIST);
        ck_assert_str_eq(policy.denied[0], "any name");

        for (unsigned i = 1; i <= POLICY_NAMES_MAX; i++) {
                (void) snprintf(name, sizeof(name), "x%u", i);
                ck_assert_int_eq(policy_add_suffix(&policy, name), i < POLICY_NAMES_MAX ? 0 : -E2BIG);
                ck_assert_int_eq(policy_add_denied(&policy, name), i < POLICY_NAMES_MAX ? 0 : -E2BIG);
        }
        ck_assert_int_eq(policy_judge_hostname(&policy, NULL, "web1.x63"), NAME_GOOD);
        ck_assert_int_eq(policy_judge_hostname(&policy, NULL, "x63"), NAME_DENIED);
        ck_assert_int_eq(policy_judge_hostname(&policy, NULL, "x64"), NAME_GOOD);
        policy_clear(&policy);
        ck_assert_uint_eq(policy.n_suffixes + policy.n_denied, 0);
        policy_clear(&policy);
}
END_TEST

/* Each verdict has a reason of its own, and an unknown one has one as well. */
START_TEST(test_reasons) {
        for (int v = 0; v <= _NAME_VERDICT_MAX; v++) {
                ck_assert_uint_gt(strlen(name_verdict_reason((NameVerdict) v)), 5);
                for (int w = 0; w < v; w++)
                        ck_assert_str_ne(name_verdict_reason((NameVerdict) v),
                                        name_verdict_reason((NameVerdict) w));
        }
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("policy");

        tcase_add_loop_test(tcase, test_judge, 0, ELEMENTS(rows));
        tcase_add_test(tcase, test_fingerprint);
        tcase_add_test(tcase, test_host_name);
        tcase_add_test(tcase, test_bridge);
        tcase_add_test(tcase, test_add);
        tcase_add_test(tcase, test_reasons);
        return unit_run("policy", tcase);
}
