/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve query: the addresses of names, and the names of addresses, or why there
 * are none.
 */

#include <stdio.h>

#include "util/address.h"
#include "names/name.h"
#include "cli/answer.h"
#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/network.h"
#include "cli/style.h"
#include "cli/value.h"
#include "cli/verbs.h"
#include "util/utf8.h"

typedef struct Query {
        const Options *options;
        sd_bus *bus;
        int ifindex;
        json_t *document; /* of --json */
        bool failed, hint;
} Query;

/* Says why there is no answer.  Returns 0 where the next may have one, else the errno. */
static int query_fail(Query *q, const char *what, const sd_bus_error *error, int r) {
        q->failed = true;
        if (q->document && answer_append_error(q->document, what, error) < 0)
                return -ENOMEM;
        if (!answer_is_of_the_name(error)) {
                client_complain(error);
                return r;
        }
        answer_print_error(what, error);
        q->hint = q->hint || answer_needs_hint(what, error);
        return 0;
}

static int query_name(Query *q, const char *name) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(json_decrefp) json_t *answer = NULL;
        const Options *o = q->options;
        int r;

        if (!utf8_is_string(name)) {
                sd_bus_error_set_const(&error, SERVICE_ERROR_NO_SUCH_NAME,
                                "No guest is called so: it isn't UTF-8");
                return query_fail(q, name, &error, -EINVAL);
        }
        r = client_call(q->bus, &error, &reply, "ResolveHostname", "isit", q->ifindex, name, o->family,
                        o->variants);
        if (r < 0)
                return query_fail(q, name, &error, r);
        r = answer_read_name(reply, name, &answer);
        if (r < 0)
                return r;
        if (q->document)
                return json_array_extend(q->document, answer) < 0 ? -ENOMEM : 0;
        answer_print_addresses(name, answer, o->legend);
        return 0;
}

static int query_address(Query *q, const char *text, const Address *address) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(json_decrefp) json_t *answer = NULL;
        int r;

        if ((r = client_new_call(q->bus, "ResolveAddress", &m)) < 0 ||
            (r = sd_bus_message_append(m, "ii", q->ifindex, (int) address->family)) < 0 ||
            (r = sd_bus_message_append_array(m, 'y', address->bytes, address_length(address->family))) < 0 ||
            (r = sd_bus_message_append(m, "t", q->options->variants)) < 0)
                return r;
        r = client_send(q->bus, m, CALL_TIMEOUT_USEC, &error, &reply);
        if (r < 0)
                return query_fail(q, text, &error, r);
        r = answer_read_address(reply, text, address, &answer);
        if (r < 0)
                return r;
        if (q->document)
                return json_array_extend(q->document, answer) < 0 ? -ENOMEM : 0;
        answer_print_names(text, answer, q->options->legend);
        return 0;
}

static int query_all(Query *q) {
        for (int i = 0; i < q->options->n_arguments; i++) {
                const char *what = q->options->arguments[i];
                Address address;
                int r;

                r = address_parse(what, &address) == 0 ? query_address(q, what, &address) :
                                                         query_name(q, what);
                if (r < 0)
                        return r;
        }
        return 0;
}

int verb_query(const Options *o) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        Query q = { .options = o };
        int r;

        if (o->interface && (q.ifindex = network_index(o->interface)) < 0)
                return EXIT_FAILED;
        if (o->json != JSON_OFF && !(document = json_array()))
                return EXIT_FAILED;
        r = client_open(&bus);
        if (r < 0)
                return EXIT_FAILED;
        q.bus = bus;
        q.document = document;

        r = query_all(&q);
        if (document && json_print(stdout, document, o->json) < 0)
                return EXIT_FAILED;
        if (q.hint && o->legend && !document)
                answer_print_hint();
        return r < 0 || q.failed ? EXIT_FAILED : EXIT_SUCCESS;
}
