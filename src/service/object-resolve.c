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
#include "service/facts.h"
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

/* Reports why a name is unknown.  text: the name, escaped. */
static int error_unknown_name(Manager *m, const Question *q, const char *text, sd_bus_error *error) {
        static const NameVariant variants[] = { VARIANT_LEASE, VARIANT_DOMAIN };

        for (size_t i = 0; i < ELEMENTS(variants); i++) {
                const Claim *claim;
                NameVerdict v;

                if (!flags_want(q->flags, variants[i]))
                        continue;
                v = lookup_refusal(m, variants[i], q->name, &claim);
                if (v != NAME_GOOD)
                        return error_refused(m, v, claim, text, error);
        }
        m->statistics.counters[STATISTICS_NO_NAME]++;
        if (m->policy.hostnames_off)
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME,
                                "No libvirt domain is called '%s', and hostnames are turned off "
                                "(--hostnames=no)",
                                text);
        return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "No guest is called '%s'", text);
}

/* Reports why a name has no answer.  expired: the newest of its expired entries, or NULL. */
static int error_no_name(Manager *m, int result, const Question *q, const IndexEntry *expired,
                sd_bus_error *error) {
        char text[TEXT_NAME_SIZE], ago[SPAN_TEXT_MAX];

        text_escape(q->name, text, sizeof(text));
        switch (result) {
        case LOOKUP_NO_FAMILY:
                m->statistics.counters[STATISTICS_NO_DATA]++;
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_DATA,
                                "'%s' has addresses, but none of that family or on that network", text);
        case LOOKUP_EXPIRED:
                m->statistics.counters[STATISTICS_NO_NAME]++;
                (void) span_format_ago(usec_from_seconds(expired->expiry),
                                (int64_t) clock_usec(CLOCK_REALTIME), ago);
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "The %s of '%s' on %s expired %s",
                                expired->source == SOURCE_SEEN ? "last proof of an address" : "lease", text,
                                expired->interface, ago);
        case LOOKUP_NO_LEASE:
                m->statistics.counters[STATISTICS_NO_NAME]++;
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME,
                                "The libvirt domain '%s' has no %s (yet)", text,
                                facts_have_guests(m->facts) ? "address that is known" : "DHCP lease");
        }
        return error_unknown_name(m, q, text, error);
}

static uint64_t source_flag(BindingSource source) {
        return source == SOURCE_STATIC ? SERVICE_FLAG_STATIC : source == SOURCE_SEEN ? SERVICE_FLAG_SEEN : 0;
}

static int reply_append_addresses(const Manager *m, sd_bus_message *reply, const Found *found) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(iiay)");
        for (size_t i = 0; i < found->n_entries && r >= 0; i++) {
                const IndexEntry *e = found->entries[i];

                r = sd_bus_message_open_container(reply, 'r', "iiay");
                if (r >= 0)
                        r = sd_bus_message_append(reply, "ii",
                                        (int) interfaces_index(m->interfaces, e->interface), (int) e->family);
                if (r >= 0)
                        r = sd_bus_message_append_array(reply, 'y', e->address, address_length(e->family));
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* The variants and sources of the answer. */
static uint64_t found_flags(const Found *found) {
        uint64_t flags = (found->lease == LOOKUP_FOUND ? VARIANT_LEASE : 0U) |
                         (found->domain == LOOKUP_FOUND ? VARIANT_DOMAIN : 0U);

        for (size_t i = 0; i < found->n_entries; i++)
                flags |= source_flag(found->entries[i]->source);
        return flags;
}

/* Sends the answer. */
static int reply_found(const Manager *m, sd_bus_message *call, const Found *found) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = reply_append_addresses(m, reply, found);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "st", found->canonical_name, found_flags(found));
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int check_question(const Question *q, int ifindex, sd_bus_error *error) {
        int r;

        if ((r = request_check_ifindex(ifindex, error)) < 0 || (r = check_family(q->family, true, error)) < 0)
                return r;
        return request_check_flags(q->flags, error);
}

int method_resolve_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        int ifindex, r;
        Found found;
        Question q;

        r = sd_bus_message_read(call, "isit", &ifindex, &q.name, &q.family, &q.flags);
        if (r < 0)
                return r;
        q.ifindex = (uint32_t) ifindex;
        if ((r = check_question(&q, ifindex, error)) < 0 || (r = request_refresh(m, error)) < 0)
                return r;

        r = lookup_name(m, &q, &found);
        if (r < 0)
                return r;
        if (!found.canonical_name)
                return error_no_name(m, MAX2(found.lease, found.domain), &q,
                                found.lease == LOOKUP_EXPIRED ? found.lease_answer.entries :
                                                                found.domain_answer.entries,
                                error);
        m->statistics.counters[STATISTICS_FOUND]++;
        return reply_found(m, call, &found);
}

int question_answer(Manager *m, sd_bus_message *call, const Question *q) {
        Found found;
        int r;

        if (m->index.fd < 0)
                return 0;
        r = lookup_name(m, q, &found);
        if (r < 0)
                return r;
        found_drop_static(&found); /* a static name says nothing about whether the guest is up */
        if (!found.canonical_name)
                return 0;
        r = reply_found(m, call, &found);
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
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_NAME, "No guest can be called '%s'",
                                text);

        /* The lease directory may be created later: waits for that, too. */
        r = manager_refresh(m);
        if (r < 0)
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

static int reply_address(const Manager *m, sd_bus_message *call, const Answer *answer) {
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

                flags |= e->variant | source_flag(e->source);
                r = sd_bus_message_append(reply, "(is)", (int) interfaces_index(m->interfaces, e->interface),
                                answer_name(answer, e));
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

/* Reports why an address that a lease has has no name.  Returns 0 if there is nothing to report. */
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
                                        m->catalog->networks[l->network].interface,
                                        address_format(address, text),
                                        text_escape(e.text, escaped, sizeof(escaped)));
        }
        return 0;
}

/* Reports why a guest's claim to an address isn't answered.  Returns 0 if no guest claims it. */
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

/* Reports why an address has no answer. */
static int error_no_address(Manager *m, int result, const Address *address, sd_bus_error *error) {
        char text[ADDRESS_TEXT_MAX];
        int r;

        m->statistics.counters[STATISTICS_NO_NAME]++;
        address_format(address, text);
        if (result == LOOKUP_EXPIRED)
                return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS, "The lease has expired of %s",
                                text);
        if ((r = error_unnamed(m, address, error)) < 0 || (r = error_refused_claim(m, address, error)) < 0)
                return r;
        return sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS, "No guest with a name has %s", text);
}

static int read_address(sd_bus_message *call, Address *ret, sd_bus_error *error) {
        Address address = { 0 };
        const void *bytes;
        int family, r;
        size_t n;

        r = sd_bus_message_read(call, "i", &family);
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(call, 'y', &bytes, &n);
        if (r < 0)
                return r;
        r = check_family(family, false, error);
        if (r < 0)
                return r;
        if (n != address_length(family))
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                "An address of that family has %zu bytes, not %zu", address_length(family),
                                n);
        address.family = (uint8_t) family;
        memcpy(address.bytes, bytes, n);
        *ret = address;
        return 0;
}

int method_resolve_address(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        Address address;
        Answer answer;
        uint64_t flags;
        int ifindex, r;

        r = sd_bus_message_read(call, "i", &ifindex);
        if (r < 0)
                return r;
        r = read_address(call, &address, error);
        if (r < 0)
                return r;
        r = sd_bus_message_read(call, "t", &flags);
        if (r < 0)
                return r;
        if ((r = request_check_ifindex(ifindex, error)) < 0 || (r = request_check_flags(flags, error)) < 0 ||
                        (r = request_refresh(m, error)) < 0)
                return r;

        r = lookup_address(m, flags == (VARIANT_LEASE | VARIANT_DOMAIN) ? 0 : (NameVariant) flags, &address,
                        (uint32_t) ifindex, &answer);
        if (r < 0)
                return r;
        if (r != LOOKUP_FOUND)
                return error_no_address(m, r, &address, error);
        m->statistics.counters[STATISTICS_FOUND]++;
        return reply_address(m, call, &answer);
}
