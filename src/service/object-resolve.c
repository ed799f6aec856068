/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ResolveHostname(), ResolveAddress() and WaitForHostname().
 */

#include "service/object-resolve.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "names/explain.h"
#include "service/clock.h"
#include "service/request.h"
#include "util/protocol.h"
#include "util/span.h"
#include "util/text.h"

static int check_family(int family, bool any, sd_bus_error *error) {
        if (family == AF_INET || family == AF_INET6 || (any && family == AF_UNSPEC))
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Unknown address family: %i", family);
}

static int error_refused(Manager *m, NameVerdict verdict, const Claim *claim, const char *name,
                sd_bus_error *error) {
        char address[ADDRESS_TEXT_MAX];
        const CatalogBinding *l;

        m->statistics.counters[STATISTICS_REFUSED]++;
        if (!claim || claim->binding == CATALOG_NONE)
                return sd_bus_error_setf(error, SERVICE_ERROR_NAME_REFUSED, "'%s' is refused: %s", name,
                                name_verdict_reason(verdict));
        l = m->catalog->bindings + claim->binding;
        return sd_bus_error_setf(error, SERVICE_ERROR_NAME_REFUSED,
                        "'%s', which the guest with %s on %s claims, is refused: %s", name,
                        address_format(&l->binding->address, address),
                        m->catalog->networks[claim->network].interface, name_verdict_reason(verdict));
}

/* Says why a name has no answer.  expired: the newest of the entries whose time is over. */
static int error_no_name(Manager *m, int result, const Question *q, const IndexEntry *expired,
                sd_bus_error *error) {
        static const NameVariant variants[] = { VARIANT_LEASE, VARIANT_DOMAIN };
        char text[TEXT_NAME_SIZE], ago[SPAN_TEXT_MAX];

        text_escape(q->name, text, sizeof(text));
        switch (result) {
        case LOOKUP_NO_FAMILY:
                m->statistics.counters[STATISTICS_NO_DATA]++;
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_DATA,
                                "'%s' has addresses, but none of that family or on that network", text);
        case LOOKUP_EXPIRED:
                m->statistics.counters[STATISTICS_NO_NAME]++;
                (void) span_format_ago(binding_expiry_usec(expired->expiry),
                                (int64_t) clock_usec(CLOCK_REALTIME), ago);
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "The %s of '%s' on %s expired %s",
                                expired->source == SOURCE_SEEN ? "last proof of an address" : "lease", text,
                                expired->interface, ago);
        case LOOKUP_NO_LEASE:
                m->statistics.counters[STATISTICS_NO_NAME]++;
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "The libvirt domain '%s' has no %s (yet)",
                                text, manager_has_guest_facts(m) ? "address that is known" : "DHCP lease");
        }

        for (size_t i = 0; i < ELEMENTS(variants); i++) {
                const Claim *claim;
                NameVerdict v;

                if (!flags_want(q->flags, variants[i]))
                        continue;
                v = manager_find_refusal(m, variants[i], q->name, &claim);
                if (v != NAME_GOOD)
                        return error_refused(m, v, claim, text, error);
        }
        m->statistics.counters[STATISTICS_NO_NAME]++;
        if (m->policy.hostnames_off)
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME,
                                "No libvirt domain is called '%s', and hostnames are turned off (--hostnames=no)", text);
        return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "No guest is called '%s'", text);
}

static bool answer_has_address(const Answer *answer, const IndexEntry *e) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *other = answer->entries + i;

                if (other->family == e->family &&
                    memcmp(other->address, e->address, address_length(e->family)) == 0 &&
                    (other->ifindex == e->ifindex || !address_is_link_local(e->family,
                                                                     e->address)))
                        return true;
        }
        return false;
}

static int reply_append_addresses(sd_bus_message *reply, const Answer *answer, const Answer *except) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;
                int r;

                if (except && answer_has_address(except, e))
                        continue;
                r = sd_bus_message_open_container(reply, 'r', "iiay");
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "ii", (int) e->ifindex, (int) e->family);
                if (r < 0)
                        return r;
                r = sd_bus_message_append_array(reply, 'y', e->address, address_length(e->family));
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(reply);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether an answer (NULL: none) is static names: leases and static names are never in the same one. */
static bool answer_is_static(const Answer *answer) {
        return answer && answer->entries->source == SOURCE_STATIC;
}

/* The flags that say of which sources an answer (NULL: none) is. */
static uint64_t answer_flags(const Answer *answer) {
        uint64_t flags = answer_is_static(answer) ? SERVICE_FLAG_STATIC : 0;

        for (size_t i = 0; answer && i < answer->n_entries; i++)
                if (answer->entries[i].source == SOURCE_SEEN)
                        flags |= SERVICE_FLAG_SEEN;
        return flags;
}

/* Replies with what was found: in either variant, or both.  NULL: not in that one. */
static int reply_name(sd_bus_message *call, const Answer *lease, const Answer *domain) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Answer *first = lease ? lease : domain;
        uint64_t flags = (lease ? VARIANT_LEASE : 0U) | (domain ? VARIANT_DOMAIN : 0U);
        int r;

        flags |= answer_flags(lease) | answer_flags(domain);
        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(iiay)");
        if (r < 0)
                return r;
        r = reply_append_addresses(reply, first, NULL);
        if (r >= 0 && lease && domain)
                r = reply_append_addresses(reply, domain, lease);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "st", answer_name(first, first->entries), flags);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

/* What both variants say to a question. */
typedef struct BothAnswers {
        int lease, domain; /* LookupResult each */
        Answer lease_answer, domain_answer;
} BothAnswers;

static int question_ask(Manager *m, const Question *q, BothAnswers *ret) {
        ret->lease = ret->domain = LOOKUP_NO_NAME;
        ret->lease_answer.entries = ret->domain_answer.entries = NULL;
        if (flags_want(q->flags, VARIANT_LEASE))
                ret->lease = manager_find_name(m, VARIANT_LEASE, q->name, q->family, q->ifindex, &ret->lease_answer);
        if (flags_want(q->flags, VARIANT_DOMAIN))
                ret->domain = manager_find_name(m, VARIANT_DOMAIN, q->name, q->family, q->ifindex,
                                &ret->domain_answer);
        if (ret->lease < 0 || ret->domain < 0)
                return MIN2(ret->lease, ret->domain);
        return ret->lease == LOOKUP_FOUND || ret->domain == LOOKUP_FOUND;
}

static int reply_found(sd_bus_message *call, const BothAnswers *both) {
        return reply_name(call, both->lease == LOOKUP_FOUND ? &both->lease_answer : NULL,
                        both->domain == LOOKUP_FOUND ? &both->domain_answer : NULL);
}

static int check_question(const Question *q, int ifindex, sd_bus_error *error) {
        int r;

        if ((r = request_check_ifindex(ifindex, error)) < 0 || (r = check_family(q->family, true, error)) < 0)
                return r;
        return request_check_flags(q->flags, error);
}

int method_resolve_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        BothAnswers both;
        int ifindex, r;
        Question q;

        r = sd_bus_message_read(call, "isit", &ifindex, &q.name, &q.family, &q.flags);
        if (r < 0)
                return r;
        q.ifindex = (uint32_t) ifindex;
        if ((r = check_question(&q, ifindex, error)) < 0 || (r = request_refresh(m, error)) < 0)
                return r;

        r = question_ask(m, &q, &both);
        if (r < 0)
                return r;
        if (r == 0)
                return error_no_name(m, MAX2(both.lease, both.domain), &q,
                                both.lease == LOOKUP_EXPIRED ? both.lease_answer.entries :
                                                               both.domain_answer.entries,
                                error);
        m->statistics.counters[STATISTICS_FOUND]++;
        return reply_found(call, &both);
}

int question_answer(Manager *m, sd_bus_message *call, const Question *q) {
        BothAnswers both;
        int r;

        if (m->index.fd < 0)
                return 0;
        r = question_ask(m, q, &both);
        if (r <= 0)
                return r;
        if (both.lease == LOOKUP_FOUND && answer_is_static(&both.lease_answer)) {
                both.lease = LOOKUP_NO_NAME; /* it says nothing about whether the guest is up */
                if (both.domain != LOOKUP_FOUND)
                        return 0;
        }
        r = reply_found(call, &both);
        return r < 0 ? r : 1;
}

int method_wait_for_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        char folded[NAME_SIZE], text[TEXT_NAME_SIZE];
        Manager *m = userdata;
        uint64_t timeout_usec;
        NameVerdict verdict;
        int ifindex, r;
        Question q;

        r = sd_bus_message_read(call, "isitt", &ifindex, &q.name, &q.family, &q.flags, &timeout_usec);
        if (r < 0)
                return r;
        q.ifindex = (uint32_t) ifindex;
        r = check_question(&q, ifindex, error);
        if (r < 0)
                return r;
        text_escape(q.name, text, sizeof(text));
        if (name_fold(q.name, folded) == 0)
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "No guest can be called '%s'", text);

        /* A lease directory that isn't there may come: that, too, is waited for. */
        r = manager_refresh(m);
        if (r < 0 && r != m->directory->reading.error)
                return r;
        verdict = policy_judge_name(&m->policy, folded);
        if (verdict != NAME_GOOD)
                return error_refused(m, verdict, NULL, text, error);
        r = question_answer(m, call, &q);
        m->statistics.counters[STATISTICS_WAITS_ANSWERED] += r > 0;
        if (r != 0)
                return r;
        if (timeout_usec == 0) {
                m->statistics.counters[STATISTICS_WAITS_TIMED_OUT]++;
                return sd_bus_error_setf(error, SERVICE_ERROR_TIMED_OUT, "'%s' has no address now", text);
        }
        r = waits_add(m->waits, call, &q, timeout_usec, error);
        return r < 0 ? r : 1;
}

static int reply_address(sd_bus_message *call, const Answer *answer) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t flags = 0;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(is)");
        if (r < 0)
                return r;
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;

                flags |= e->variant | (e->source == SOURCE_STATIC ? SERVICE_FLAG_STATIC : 0) |
                         (e->source == SOURCE_SEEN ? SERVICE_FLAG_SEEN : 0);
                r = sd_bus_message_append(reply, "(is)", (int) e->ifindex, answer_name(answer, e));
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "t", flags);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

/* Says why an address has no name, if a lease has it.  Returns 0 if there is nothing to say. */
static int error_unnamed(Manager *m, const Address *address, sd_bus_error *error) {
        char text[ADDRESS_TEXT_MAX];
        int64_t now = clock_now();
        int r;

        for (size_t i = 0; i < m->catalog->n_leases; i++) {
                const CatalogBinding *l = m->catalog->bindings + i;
                _cleanup_(explanation_done) Explanation e = { 0 };
                char escaped[2 * TEXT_NAME_SIZE];

                if (address_compare(&l->binding->address, address) != 0 ||
                    binding_expired(l->binding->expiry, now))
                        continue;
                r = catalog_explain(m->catalog, l, now, &e);
                if (r < 0)
                        return r;
                if (e.text)
                        return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS,
                                        "A guest on %s has a lease of %s, but its name isn't answered: %s",
                                        m->catalog->networks[l->network].interface, address_format(address, text),
                                        text_escape(e.text, escaped, sizeof(escaped)));
        }
        return 0;
}

/* Says why a guest that claims an address isn't answered.  Returns 0 if no guest does. */
static int error_refused_claim(Manager *m, const Address *address, sd_bus_error *error) {
        int64_t now = clock_now();

        for (size_t i = 0; i < m->catalog->n_seen; i++) {
                const JudgedAddress *j = m->catalog->seen + i;
                char text[ADDRESS_TEXT_MAX], domain[TEXT_NAME_SIZE], reason[TEXT_NAME_SIZE];
                SeenVerdict verdict = judged_verdict(j, now);

                if (verdict == SEEN_GOOD || address_compare(&j->seen.address, address) != 0)
                        continue;
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS,
                                "The libvirt domain '%s' on %s claims %s, which isn't answered: %s",
                                text_escape(j->domain, domain, sizeof(domain)),
                                m->catalog->networks[j->network].interface, address_format(address, text),
                                text_escape(judged_reason(j, verdict), reason, sizeof(reason)));
        }
        return 0;
}

int method_resolve_address(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        char text[ADDRESS_TEXT_MAX];
        Manager *m = userdata;
        int ifindex, family, r;
        const void *bytes;
        Address address;
        Answer answer;
        uint64_t flags;
        size_t n;

        r = sd_bus_message_read(call, "ii", &ifindex, &family);
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(call, 'y', &bytes, &n);
        if (r < 0)
                return r;
        r = sd_bus_message_read(call, "t", &flags);
        if (r < 0)
                return r;
        if ((r = request_check_ifindex(ifindex, error)) < 0 || (r = check_family(family, false, error)) < 0 ||
            (r = request_check_flags(flags, error)) < 0)
                return r;
        if (n != address_length(family))
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                "An address of that family has %zu bytes, not %zu", address_length(family), n);
        r = request_refresh(m, error);
        if (r < 0)
                return r;

        address = (Address) { .family = (uint8_t) family };
        memcpy(address.bytes, bytes, n);
        r = manager_find_address(m, flags == (VARIANT_LEASE | VARIANT_DOMAIN) ? 0 : (NameVariant) flags, family, address.bytes,
                        (uint32_t) ifindex, &answer);
        if (r < 0)
                return r;
        m->statistics.counters[r == LOOKUP_FOUND ? STATISTICS_FOUND : STATISTICS_NO_NAME]++;
        if (r == LOOKUP_FOUND)
                return reply_address(call, &answer);
        if (r != LOOKUP_EXPIRED &&
            ((r = error_unnamed(m, &address, error)) < 0 || (r = error_refused_claim(m, &address, error)) < 0))
                return r;
        return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS, "%s %s",
                        r == LOOKUP_EXPIRED ? "The lease has expired of" : "No guest with a name has",
                        address_format(&address, text));
}
