/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve wait: waits until names have addresses.  It waits for all names at once, without polling:
 * the service replies when a name gets an address.
 */

#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "cli/answer.h"
#include "cli/caches.h"
#include "cli/explain.h"
#include "cli/json.h"
#include "cli/listing.h"
#include "cli/network.h"
#include "cli/reach.h"
#include "cli/remote.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "cli/verbs.h"
#include "util/address.h"
#include "util/text.h"
#include "util/utf8.h"

/* The bus allows 128 unanswered calls for each connection. */
#define NAMES_PER_CONNECTION 100

/* A call that lasted so long isn't counted with the failures before it. */
#define CALL_GOOD_USEC UINT64_C(1000000)

/* The pause between two attempts to reach a port, and the minimum time of one attempt. */
#define REACH_PAUSE_USEC UINT64_C(250000)
#define REACH_USEC_MIN UINT64_C(1000000)

typedef struct Wait Wait;

typedef struct WaitName {
        Wait *wait;
        sd_bus *bus;
        const char *name;
        uint64_t asked; /* when, on CLOCK_MONOTONIC */
        ClientTries tries;
        bool timed_out;
        Reach *reach;      /* in progress; NULL: none */
        int reach_error;   /* errno of the last one; 0: none has failed since there is an address */
        json_t *unreached; /* the object of that attempt */
} WaitName;

struct Wait {
        const Options *options;
        sd_event *event;
        int ifindex;
        uint64_t end; /* on CLOCK_MONOTONIC, or UINT64_MAX */
        int n_waiting;
        bool failed, timed_out;
        Listing listing;
        Explanation explanation;
        json_t *document; /* of --json */
        int n_buses;
        sd_bus **buses;
        WaitName *names;
};

static int wait_begin(WaitName *n);
static int on_try_again(sd_event_source *s, uint64_t usec, void *userdata);

static uint64_t time_now(Wait *w) {
        uint64_t now;

        (void) sd_event_now(w->event, CLOCK_MONOTONIC, &now);
        return now;
}

/* Finishes one name. */
static int wait_done(Wait *w, int r) {
        if (r < 0)
                w->failed = true;
        if (--w->n_waiting == 0 || r < 0)
                return sd_event_exit(w->event, 0);
        return 0;
}

static int wait_answer(WaitName *n, json_t *answer) {
        if (n->wait->document)
                return json_array_extend(n->wait->document, answer) < 0 ? -ENOMEM : 0;
        answer_print_addresses(n->name, answer, false);
        (void) fflush(stdout);
        return 0;
}

/* Reports why a name has no answer. */
static int wait_fail(WaitName *n, const sd_bus_error *error) {
        Wait *w = n->wait;

        if (w->document && answer_append_error(w->document, n->name, error) < 0)
                return -ENOMEM;
        if (!w->options->quiet)
                answer_print_error(n->name, error);
        return 0;
}

static int on_error(WaitName *n, const sd_bus_error *error) {
        Wait *w = n->wait;

        if (sd_bus_error_has_name(error, SERVICE_ERROR_TIMED_OUT)) {
                n->timed_out = w->timed_out = true; /* reported at the end, with the reason */
                return 0;
        }
        w->failed = true;
        if (answer_is_of_the_name(error))
                return wait_fail(n, error);
        if (w->document && answer_append_error(w->document, n->name, error) < 0)
                return -ENOMEM;
        client_report_error(error);
        return -EIO;
}

/* ---- ports ---- */

/* Asks for the name again: by then the guest may have another address. */
static int reach_failed(WaitName *n, int error, const json_t *object) {
        uint64_t again = MIN2(time_now(n->wait) + REACH_PAUSE_USEC, n->wait->end);

        n->reach_error = error;
        json_decref(n->unreached);
        n->unreached = json_incref((json_t *) object);
        return sd_event_add_time(n->wait->event, NULL, CLOCK_MONOTONIC, again, 1, on_try_again, n);
}

static void on_reach(void *userdata, int error, const json_t *object) {
        _cleanup_(json_decrefp) json_t *answer = NULL;
        WaitName *n = userdata;
        int r;

        if (error != 0) {
                r = reach_failed(n, error, object);
                if (r < 0)
                        (void) wait_done(n->wait, r);
                n->reach = reach_free(n->reach);
                return;
        }
        answer = json_pack("[O]", object);
        n->reach = reach_free(n->reach);
        (void) wait_done(n->wait, answer ? wait_answer(n, answer) : -ENOMEM);
}

/* Returns 0, or a negative errno. */
static int wait_reach(WaitName *n, const json_t *answer) {
        Wait *w = n->wait;
        uint64_t end = w->options->timeout_usec == 0 ? time_now(w) + REACH_USEC_MIN : w->end;

        return reach_begin(w->event, answer, &w->options->until, end, on_reach, n, &n->reach);
}

/* Reports that there is an address, but no answer on the port. */
static int explain_unreached(WaitName *n) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const Port *port = &n->wait->options->until;
        char text[TEXT_NAME_SIZE];

        sd_bus_error_setf(&error, SERVICE_ERROR_TIMED_OUT, "'%s' has the address %s, but %s on port %u: %s",
                        text_escape(n->name, text, sizeof(text)), json_text(n->unreached, "address") ?: "?",
                        port->ssh ? "no SSH server answers" : "nothing answers", (unsigned) port->number,
                        n->reach_error == EPROTO ? "what answers is something else" :
                                                   strerror(n->reach_error));
        return wait_fail(n, &error);
}

/* ---- names ---- */

static int on_addresses(WaitName *n, sd_bus_message *reply) {
        _cleanup_(json_decrefp) json_t *answer = NULL;
        bool seen;
        int r;

        r = answer_read_name(reply, n->name, &seen, &answer);
        if (r >= 0 && n->wait->options->until.number == 0)
                return wait_done(n->wait, wait_answer(n, answer));
        if (r >= 0)
                r = wait_reach(n, answer);
        return r < 0 ? wait_done(n->wait, r) : 0;
}

static int on_try_again(sd_event_source *s, uint64_t usec, void *userdata) {
        WaitName *n = userdata;
        int r;

        if (n->reach_error != 0 && time_now(n->wait) >= n->wait->end) {
                n->timed_out = n->wait->timed_out = true;
                return wait_done(n->wait, 0);
        }
        r = wait_begin(n);
        return r < 0 ? wait_done(n->wait, r) : 0;
}

static uint64_t try_again_time(WaitName *n, const sd_bus_error *error) {
        if (time_now(n->wait) - n->asked > CALL_GOOD_USEC)
                n->tries = (ClientTries) { 0 };
        return client_try_again(&n->tries, error, n->wait->end);
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        WaitName *n = userdata;
        uint64_t again;
        int r;

        if (!error)
                return on_addresses(n, reply);
        again = try_again_time(n, error);
        if (again == 0)
                return wait_done(n->wait, on_error(n, error));
        r = sd_event_add_time(n->wait->event, NULL, CLOCK_MONOTONIC, again, 1, on_try_again, n);
        return r < 0 ? wait_done(n->wait, r) : 0;
}

static int wait_begin(WaitName *n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uint64_t now = time_now(n->wait), end = n->wait->end, left;
        const Options *o = n->wait->options;
        int r;

        n->reach_error = 0;
        left = end == UINT64_MAX ? UINT64_MAX : end - MIN2(now, end);
        n->asked = now;
        r = client_new_call(n->bus, "WaitForHostname", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "isitt", n->wait->ifindex, n->name, o->family, o->variants,
                                left);
        if (r < 0)
                return r;
        return sd_bus_call_async(n->bus, NULL, m, on_reply, n,
                        left < UINT64_MAX - CALL_TIMEOUT_USEC ? left + CALL_TIMEOUT_USEC : UINT64_MAX);
}

/* Fallback: the service should have replied. */
static int on_end(sd_event_source *s, uint64_t usec, void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Wait *w = userdata;

        w->failed = true;
        sd_bus_error_set_const(&error, SD_BUS_ERROR_TIMEOUT, "no answer in time");
        client_report_error(&error);
        return sd_event_exit(w->event, 0);
}

static int wait_set_end(Wait *w) {
        uint64_t now, timeout = w->options->timeout_usec;
        int r;

        w->end = UINT64_MAX;
        if (timeout == TIMEOUT_INFINITE)
                return 0;
        r = sd_event_now(w->event, CLOCK_MONOTONIC, &now);
        if (r < 0)
                return r;
        w->end = now + timeout;
        return sd_event_add_time(w->event, NULL, CLOCK_MONOTONIC, w->end + CALL_TIMEOUT_USEC, 0, on_end, w);
}

static int wait_connect(Wait *w) {
        int n = (w->options->n_arguments + NAMES_PER_CONNECTION - 1) / NAMES_PER_CONNECTION;

        w->buses = calloc((size_t) n, sizeof(sd_bus *));
        if (!w->buses)
                return -ENOMEM;
        for (; w->n_buses < n; w->n_buses++) {
                int r;

                r = client_open(w->buses + w->n_buses);
                if (r < 0)
                        return r;
                r = sd_bus_attach_event(w->buses[w->n_buses], w->event, 0);
                if (r >= 0)
                        r = sd_bus_set_close_on_exit(w->buses[w->n_buses],
                                        false); /* reasons are asked for later */
                if (r < 0)
                        return r;
        }
        return 0;
}

static int wait_begin_all(Wait *w) {
        w->n_waiting = w->options->n_arguments;
        w->names = calloc((size_t) w->n_waiting, sizeof(WaitName));
        if (!w->names)
                return -ENOMEM;
        for (int i = 0; i < w->options->n_arguments; i++) {
                WaitName *n = w->names + i;
                int r;

                *n = (WaitName) {
                        .wait = w,
                        .bus = w->buses[i / NAMES_PER_CONNECTION],
                        .name = w->options->arguments[i],
                };
                r = wait_begin(n);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Reports that a name got no address in time, and why. */
static int explain_time_out(WaitName *n) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL, reason = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Options *o = n->wait->options;
        char text[TEXT_NAME_SIZE];
        int r;

        if (n->reach_error != 0)
                return explain_unreached(n);
        r = client_call(n->wait->listing.bus, &reason, &reply, "ResolveHostname", "isit", n->wait->ifindex,
                        n->name, o->family, o->variants);
        text_escape(n->name, text, sizeof(text));
        sd_bus_error_setf(&error, SERVICE_ERROR_TIMED_OUT, "'%s' %s%s%s", text,
                        o->timeout_usec > 0 ? "got no address in time" : "has no address now",
                        r < 0 ? ": " : "", r < 0 ? reason.message ?: reason.name : "");
        r = wait_fail(n, &error);
        if (r >= 0 && o->timeout_usec > 0 && o->legend && !n->wait->document)
                explain(&n->wait->explanation, n->name, &reason);
        return r;
}

static int explain_time_outs(Wait *w) {
        int r = 0;

        if (!w->timed_out)
                return 0;
        (void) sd_bus_detach_event(w->buses[0]); /* calls turn a loop of their own */
        for (int i = 0; r >= 0 && i < w->options->n_arguments; i++)
                if (w->names[i].timed_out)
                        r = explain_time_out(w->names + i);
        if (r >= 0 && w->options->legend && !w->document)
                explain_end(&w->explanation);
        return r;
}

static void wait_clear(Wait *w) {
        listing_clear(&w->listing);
        for (int i = 0; i < w->n_buses; i++)
                sd_bus_close_unref(w->buses[i]);
        free(w->buses);
        for (int i = 0; w->names && i < w->options->n_arguments; i++) {
                reach_free(w->names[i].reach);
                json_decref(w->names[i].unreached);
        }
        free(w->names);
        json_decref(w->document);
        sd_event_unref(w->event);
}

static int wait_run(Wait *w) {
        int r;

        if ((r = sd_event_new(&w->event)) < 0 || (r = wait_set_end(w)) < 0 || (r = wait_connect(w)) < 0)
                return r;
        w->listing.bus = w->buses[0];
        if (w->options->interface && (w->ifindex = network_index(&w->listing, w->options->interface)) < 0)
                return w->ifindex;
        w->explanation = (Explanation) { .listing = &w->listing, .options = w->options };
        w->explanation.ifindex = w->ifindex;
        r = wait_begin_all(w);
        if (r >= 0)
                r = sd_event_loop(w->event);
        if (r >= 0)
                r = explain_time_outs(w);
        if (r >= 0 && w->document)
                r = json_print(stdout, w->document, w->options->json);
        return r;
}

/* Reports names that no guest can have: waiting for them would never end. */
static bool names_are_good(const Options *o) {
        char text[TEXT_NAME_SIZE];

        for (int i = 0; i < o->n_arguments; i++) {
                const char *name = o->arguments[i], *wrong = NULL;
                Address address;

                if (!utf8_is_string(name))
                        wrong = "No guest has this name: it isn't UTF-8";
                else if (address_parse(name, &address) == 0)
                        wrong = "An address can't be waited for, only a name";
                if (wrong) {
                        fprintf(stderr, "%s: %s.\n", text_escape(name, text, sizeof(text)), wrong);
                        return false;
                }
        }
        return true;
}

int verb_wait(const Options *o) {
        Wait w = { .options = o };
        int r;

        if (!names_are_good(o))
                return EXIT_FAILED;
        if (o->json != JSON_OFF && !(w.document = json_array()))
                return EXIT_FAILED;
        r = wait_run(&w);
        wait_clear(&w);
        if (r < 0 || w.failed)
                return EXIT_FAILED;
        if (w.timed_out)
                return EXIT_TIMED_OUT;
        if (o->legend && !remote_host() && caches_nscd_runs())
                fprintf(stderr,
                                "%s-- nscd runs here. It caches for 20s that a name doesn't exist; to clear "
                                "its\n"
                                "-- cache: nscd --invalidate=hosts%s\n",
                                style(stderr, STYLE_GREY), style(stderr, STYLE_PLAIN));
        return EXIT_SUCCESS;
}
