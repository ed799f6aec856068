/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The guests that the service knows.
 */

#include "ddns/watch.h"

#include <string.h>

#include "cli/value.h"
#include "service/log.h"
#include "util/bus-message.h"
#include "util/clock.h"
#include "util/protocol.h"

/* Changes within this time cause a single query. */
#define DEBOUNCE_USEC UINT64_C(50000)

/* The service sends no signal if a guest starts or stops without a change of addresses. */
#define POLL_USEC UINT64_C(30000000)

/* The pause after a failure, for example if the service isn't running. */
#define RETRY_USEC UINT64_C(2000000)

struct Watch {
        const Selection *selection;
        WatchHandler handler;
        void *userdata;
        sd_bus *bus;
        sd_event_source *timer;
        sd_bus_slot *call;
        json_t *guests;
        bool stale, failed;
};

static int ask(Watch *w, const char *member, sd_bus_message_handler_t on_reply);

static int ask_again(Watch *w, uint64_t usec) {
        int r;

        r = sd_event_source_set_time(w->timer, clock_usec(CLOCK_MONOTONIC) + usec);
        return r < 0 ? r : sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

/* Without an answer nothing is changed: a missing service doesn't mean missing guests. */
static int note_failure(Watch *w, const char *reason) {
        if (!w->failed)
                log_warning("libvirt-resolved doesn't list its guests: %s. DNS isn't changed.", reason);
        w->failed = true;
        w->call = sd_bus_slot_unref(w->call);
        return ask_again(w, RETRY_USEC);
}

static int conclude(Watch *w, const json_t *leases) {
        _cleanup_(json_decrefp) json_t *wanted = NULL;
        int r;

        w->call = sd_bus_slot_unref(w->call);
        if (w->failed)
                log_notice("libvirt-resolved lists its guests again.");
        w->failed = false;
        r = selection_make(w->selection, w->guests, leases, &wanted);
        if (r >= 0)
                r = w->handler(wanted, w->userdata);
        return r < 0 ? r : ask_again(w, w->stale ? DEBOUNCE_USEC : POLL_USEC);
}

static int read_reply(sd_bus_message *m, json_t **ret) {
        return sd_bus_message_is_method_error(m, NULL) ? -EIO : value_read(m, ret);
}

static const char *reply_reason(sd_bus_message *m) {
        const sd_bus_error *error = sd_bus_message_get_error(m);

        return error && error->message ? error->message : "its answer can't be read";
}

static int on_leases(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(json_decrefp) json_t *leases = NULL;
        Watch *w = userdata;

        return read_reply(m, &leases) < 0 ? note_failure(w, reply_reason(m)) : conclude(w, leases);
}

static int on_guests(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Watch *w = userdata;

        json_decref(w->guests);
        w->guests = NULL;
        if (read_reply(m, &w->guests) < 0)
                return note_failure(w, reply_reason(m));
        if (!w->selection->hostnames)
                return conclude(w, NULL);
        w->call = sd_bus_slot_unref(w->call);
        return ask(w, "ListLeases", on_leases);
}

static int ask(Watch *w, const char *member, sd_bus_message_handler_t on_reply) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(w->bus, &m, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, member);
        if (r >= 0 && strcmp(member, "ListLeases") == 0)
                r = sd_bus_message_append(m, "t", UINT64_C(0));
        return r < 0 ? r : sd_bus_call_async(w->bus, &w->call, m, on_reply, w, 0);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Watch *w = userdata;

        if (w->call)
                return 0;
        w->stale = false;
        return ask(w, "ListGuests", on_guests);
}

/* A signal from another sender only costs an extra query. */
static int on_change(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Watch *w = userdata;

        if (w->stale)
                return 0;
        w->stale = true;
        return w->call ? 0 : ask_again(w, DEBOUNCE_USEC);
}

static int subscribe(Watch *w) {
        int r;

        r = sd_bus_match_signal_async(w->bus, NULL, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, NULL,
                        on_change, NULL, w);
        return r < 0 ? r :
                       sd_bus_add_match_async(w->bus, NULL,
                                       "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/"
                                       "DBus',"
                                       "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                                       "arg0='" SERVICE_NAME "'",
                                       on_change, NULL, w);
}

Watch *watch_free(Watch *w) {
        if (!w)
                return NULL;
        sd_event_source_disable_unref(w->timer);
        sd_bus_slot_unref(w->call);
        sd_bus_flush_close_unref(w->bus);
        json_decref(w->guests);
        free(w);
        return NULL;
}

int watch_new(sd_event *event, const Selection *selection, WatchHandler handler, void *userdata,
                Watch **ret) {
        _cleanup_(watch_freep) Watch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->selection = selection;
        w->handler = handler;
        w->userdata = userdata;
        r = sd_bus_open_system(&w->bus);
        if (r >= 0)
                r = sd_bus_set_exit_on_disconnect(w->bus, true);
        if (r >= 0)
                r = sd_bus_attach_event(w->bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = subscribe(w);
        if (r >= 0)
                r = sd_event_add_time(event, &w->timer, CLOCK_MONOTONIC, 0, 0, on_timer, w);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}
