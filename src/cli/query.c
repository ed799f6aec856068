/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve query: shows the addresses of names, the names of addresses, and the leases of MAC
 * addresses; or why there are none.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/answer.h"
#include "cli/explain-guest.h"
#include "cli/explain.h"
#include "cli/json.h"
#include "cli/listing.h"
#include "cli/network.h"
#include "cli/service-client.h"
#include "cli/verbs.h"
#include "util/address.h"
#include "util/text.h"
#include "util/utf8.h"

typedef struct Query {
        const Options *options;
        sd_bus *bus;
        int ifindex;
        json_t *document; /* of --json */
        bool failed;
        Listing listing;
        Explanation explanation;
} Query;

/* Whether to print comments. */
static bool query_explains(const Query *q) {
        return q->options->legend && !q->document;
}

/* Prints an answer, or adds it to the document. */
static int query_answer(Query *q, const char *what, json_t *answer, bool seen,
                void (*print)(const char *what, const json_t *answer, bool legend)) {
        bool details = q->options->legend || q->document;

        if (details && seen && listing_add_sources(&q->listing, answer) < 0)
                return -ENOMEM;
        if (details && listing_add_interfaces(&q->listing, answer) < 0)
                return -ENOMEM;
        if (q->document)
                return json_array_extend(q->document, answer) < 0 ? -ENOMEM : 0;
        print(what, answer, q->options->legend);
        if (query_explains(q))
                explain_rivals(&q->listing, answer);
        return 0;
}

/* Reports why there is no answer.  Returns 0 if the next name may have one, else the errno. */
static int query_fail(Query *q, const char *what, const sd_bus_error *error, int r) {
        q->failed = true;
        if (q->document && answer_append_error(q->document, what, error) < 0)
                return -ENOMEM;
        if (!answer_is_of_the_name(error)) {
                client_report_error(error);
                return r;
        }
        if (!q->options->quiet)
                answer_print_error(what, error);
        if (query_explains(q))
                explain(&q->explanation, what, error);
        return 0;
}

static int query_name(Query *q, const char *name) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(json_decrefp) json_t *answer = NULL;
        const Options *o = q->options;
        bool seen;
        int r;

        if (!utf8_is_string(name)) {
                sd_bus_error_set_const(&error, SERVICE_ERROR_NO_SUCH_NAME,
                                "No guest has this name: it isn't UTF-8");
                return query_fail(q, name, &error, -EINVAL);
        }
        r = client_call(q->bus, &error, &reply, "ResolveHostname", "isit", q->ifindex, name, o->family,
                        o->variants);
        if (r < 0)
                return query_fail(q, name, &error, r);
        r = answer_read_name(reply, name, &seen, &answer);
        if (r < 0)
                return r;
        return query_answer(q, name, answer, seen, answer_print_addresses);
}

static int query_address(Query *q, const char *text, const Address *address) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(json_decrefp) json_t *answer = NULL;
        bool seen;
        int r;

        if ((r = client_new_call(q->bus, "ResolveAddress", &m)) < 0 ||
                        (r = sd_bus_message_append(m, "ii", q->ifindex, (int) address->family)) < 0 ||
                        (r = sd_bus_message_append_array(m, 'y', address->bytes,
                                         address_length(address->family))) < 0 ||
                        (r = sd_bus_message_append(m, "t", q->options->variants)) < 0)
                return r;
        r = client_send(q->bus, m, CALL_TIMEOUT_USEC, &error, &reply);
        if (r < 0)
                return query_fail(q, text, &error, r);
        r = answer_read_address(reply, text, address, &seen, &answer);
        if (r < 0)
                return r;
        return query_answer(q, text, answer, seen, answer_print_names);
}

/* Whether a lease or guest has the MAC address, and is on the network in the options. */
static bool has_mac(const Query *q, const json_t *object, const char *mac) {
        return strcmp(json_text(object, "mac-address") ?: "", mac) == 0 &&
               (q->ifindex == 0 || json_number(object, "ifindex") == q->ifindex);
}

static bool has_family(const Query *q, const json_t *object) {
        return q->options->family == AF_UNSPEC || json_number(object, "family") == q->options->family;
}

/* Adds the leases of a MAC address that match the family and network in the options. */
static int add_leases(Query *q, const char *text, const char *mac, json_t *answer) {
        json_t *lease;
        size_t i;

        json_array_foreach(listing_leases(&q->listing), i, lease) {
                json_t *object;

                if (!has_mac(q, lease, mac) || !has_family(q, lease))
                        continue;
                object = json_pack("{s:s}", "query", text);
                if (json_array_append_new(answer, object) < 0 || json_object_update(object, lease) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Adds a guest's answered addresses that were seen, of the family in the options. */
static int add_seen(Query *q, const char *text, const json_t *guest, json_t *answer) {
        json_t *address;
        size_t i;

        json_array_foreach(json_object_get(guest, "addresses"), i, address) {
                json_t *object;

                if (!json_is_true(json_object_get(address, "answered")) || !has_family(q, address) ||
                                strcmp(json_text(address, "source") ?: "", "seen") != 0)
                        continue;
                object = json_pack("{s:s, s:O, s:O*, s:O*, s:O*}", "query", text, "domain",
                                json_object_get(guest, "domain"), "mac-address",
                                json_object_get(guest, "mac-address"), "interface",
                                json_object_get(guest, "interface"), "ifindex",
                                json_object_get(guest, "ifindex"));
                if (json_array_append_new(answer, object) < 0 || json_object_update(object, address) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Says whose MAC address it is, if the guest is known but its address isn't. */
static void describe_owner(const json_t *guest, const char *mac, sd_bus_error *error) {
        char domain[TEXT_NAME_SIZE], reason[2 * TEXT_NAME_SIZE];
        const char *interface = json_text(guest, "interface");

        sd_bus_error_setf(error, SERVICE_ERROR_NO_SUCH_ADDRESS,
                        "No address of '%s' is known, which is the MAC address of the libvirt domain "
                        "'%s'%s%s: %s",
                        mac, text_escape(json_text(guest, "domain") ?: "?", domain, sizeof(domain)),
                        interface ? " on " : "", interface ?: "",
                        text_escape(json_text(guest, "reason") ?: "none of that family", reason,
                                        sizeof(reason)));
}

static int query_mac(Query *q, const char *text, const MacAddress *mac) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *answer = json_array();
        const json_t *guest, *owner = NULL;
        char wanted[MAC_TEXT_MAX];
        size_t i;
        int r;

        r = add_leases(q, text, mac_format(mac, wanted), answer);
        json_array_foreach(listing_guests(&q->listing), i, guest) {
                if (r < 0 || !has_mac(q, guest, wanted))
                        continue;
                owner = owner ?: guest;
                r = add_seen(q, text, guest, answer);
        }
        if (r < 0)
                return r;
        if (json_array_size(answer) > 0)
                return query_answer(q, text, answer, false, answer_print_leases);
        if (owner)
                describe_owner(owner, wanted, &error);
        else
                sd_bus_error_setf(&error, SERVICE_ERROR_NO_SUCH_ADDRESS, "No lease has the MAC address '%s'",
                                wanted);
        return query_fail(q, text, &error, -ENOENT);
}

static int query_all(Query *q) {
        for (int i = 0; i < q->options->n_arguments; i++) {
                const char *what = q->options->arguments[i];
                MacAddress mac;
                Address address;
                int r;

                if (address_parse(what, &address) == 0)
                        r = query_address(q, what, &address);
                else if (mac_parse(what, &mac) == 0)
                        r = query_mac(q, what, &mac);
                else
                        r = query_name(q, what);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int query_run(Query *q) {
        const Options *o = q->options;
        int r;

        if (o->interface && (q->ifindex = network_index(&q->listing, o->interface)) < 0)
                return q->ifindex;
        q->explanation = (Explanation) { .listing = &q->listing, .options = o, .ifindex = q->ifindex };
        r = query_all(q);
        if (r >= 0 && query_explains(q))
                explain_end(&q->explanation);
        return r;
}

int verb_query(const Options *o) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        Query q = { .options = o };
        int r;

        if (o->json != JSON_OFF && !(document = json_array()))
                return EXIT_FAILED;
        r = client_open(&bus);
        if (r < 0)
                return EXIT_FAILED;
        q.bus = q.listing.bus = bus;
        q.document = document;

        r = query_run(&q);
        listing_clear(&q.listing);
        if (q.ifindex >= 0 && document && json_print(stdout, document, o->json) < 0)
                return EXIT_FAILED;
        return r < 0 || q.failed ? EXIT_FAILED : EXIT_SUCCESS;
}
