/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connection to the system bus.  Nothing here waits for the bus, as all callers of the service would
 * wait, too.
 */

#include "service/bus.h"

#include <string.h>
#include <systemd/sd-daemon.h>

#include "util/bus-address.h"
#include "service/clock.h"
#include "service/log.h"
#include "service/log-control.h"
#include "service/object.h"
#include "util/bus-message.h"
#include "util/protocol.h"

#define RECONNECT_FIRST_USEC UINT64_C(100000)
#define RECONNECT_LAST_USEC UINT64_C(1000000)

/* The unit allows 3 s for a start without notifications.  They stop after START_LASTS_MAX, because other
 * units wait for this one at boot. */
#define START_LASTS_USEC UINT64_C(1000000)
#define START_LASTS_MAX 10U
#define START_LASTS_MESSAGE "EXTEND_TIMEOUT_USEC=3000000"

struct BusLink {
        Manager *manager;
        void (*ready)(Manager *m);
        bool was_ready;
        uint64_t wait_usec;
        sd_event_source *reconnect_source;
        sd_event_source *start_source; /* NULL once the service is ready */
        unsigned n_start_lasts;
};

static int bus_link_connect(BusLink *link);

static void bus_link_disconnect(BusLink *link) {
        Manager *m = link->manager;

        if (!m->bus)
                return;
        waits_clear(m->waits);
        (void) sd_bus_detach_event(m->bus);
        m->bus = sd_bus_close_unref(m->bus);
}

static void bus_link_connect_later(BusLink *link) {
        int enabled;

        if (sd_event_source_get_enabled(link->reconnect_source, &enabled) >= 0 && enabled != SD_EVENT_OFF)
                return;
        (void) sd_event_source_set_time(link->reconnect_source,
                        clock_usec(CLOCK_MONOTONIC) + link->wait_usec);
        (void) sd_event_source_set_enabled(link->reconnect_source, SD_EVENT_ONESHOT);
        link->wait_usec = MIN2(2 * link->wait_usec, RECONNECT_LAST_USEC);
}

static int on_reconnect(sd_event_source *s, uint64_t usec, void *userdata) {
        BusLink *link = userdata;

        bus_link_disconnect(link);
        if (bus_link_connect(link) < 0)
                bus_link_connect_later(link);
        return 0;
}

/* The bus hasn't answered yet: tells systemd that the service doesn't hang. */
static int on_start_lasts(sd_event_source *s, uint64_t usec, void *userdata) {
        BusLink *link = userdata;

        if (link->n_start_lasts++ >= START_LASTS_MAX)
                return 0;
        (void) sd_notify(0, START_LASTS_MESSAGE);
        (void) sd_event_source_set_time(s, usec + START_LASTS_USEC);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        BusLink *link = userdata;

        if (!sd_bus_message_is_signal(message, "org.freedesktop.DBus.Local", "Disconnected") ||
                        !bus_message_is_from(message, "org.freedesktop.DBus.Local"))
                return 0;
        if (link->was_ready)
                log_warning("The system bus is gone; the published index goes on answering until the bus is "
                            "back.");
        else
                log_warning("The system bus closed the connection before the service was ready; trying "
                            "again.");
        bus_link_connect_later(link);
        return 1;
}

/* Whether the error isn't the bus's answer: the connection broke, which versions of sd-bus report
 * differently, or the bus timed out. */
static bool error_is_silence(const sd_bus_error *e) {
        return sd_bus_error_has_names(e, SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_DISCONNECTED,
                        SD_BUS_ERROR_TIMEOUT);
}

static int on_name(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        BusLink *link = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(message);
        uint32_t result = 0;

        if (e && error_is_silence(e)) {
                bus_link_connect_later(link);
                return 0;
        }
        if (!e)
                (void) sd_bus_message_read(message, "u", &result);
        if (e || result != 1) {
                log_error("The bus name %s can't be acquired: %s.", SERVICE_NAME,
                                e ? e->message : "another service owns it");
                return sd_event_exit(link->manager->event, EXIT_FAILURE);
        }

        link->start_source = sd_event_source_unref(link->start_source);
        link->wait_usec = RECONNECT_FIRST_USEC;
        if (link->was_ready)
                log_notice("The system bus is back.");
        else
                link->ready(link->manager);
        link->was_ready = true;
        return 0;
}

/* As sd_bus_open_system(), but refuses file descriptors: a waiting call would keep its sender's open. */
static int bus_open(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
        int r;

        if ((r = sd_bus_new(&bus)) < 0 || (r = sd_bus_set_address(bus, address ?: BUS_ADDRESS_DEFAULT)) < 0 ||
                        (r = sd_bus_set_bus_client(bus, true)) < 0 ||
                        (r = sd_bus_negotiate_fds(bus, false)) < 0 || (r = sd_bus_start(bus)) < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

static int bus_link_connect(BusLink *link) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        Manager *m = link->manager;
        int r;

        r = bus_open(&bus);
        if (r < 0)
                return r;
        /* Closing at the loop's end would flush, which blocks if the bus hangs. */
        if ((r = sd_bus_set_close_on_exit(bus, false)) < 0 ||
                        (r = sd_bus_attach_event(bus, m->event, SD_EVENT_PRIORITY_NORMAL)) < 0 ||
                        (r = sd_bus_add_filter(bus, NULL, on_message, link)) < 0 ||
                        (r = object_add(m, bus)) < 0 || (r = log_control_add(bus)) < 0 ||
                        (r = sd_bus_request_name_async(bus, NULL, SERVICE_NAME, 0, on_name, link)) < 0)
                return r;
        m->bus = TAKE_PTR(bus);
        return 0;
}

int bus_link_new(Manager *m, void (*ready)(Manager *m), BusLink **ret) {
        _cleanup_(bus_link_freep) BusLink *link = NULL;
        int r;

        link = calloc(1, sizeof(*link));
        if (!link)
                return -ENOMEM;
        link->manager = m;
        link->ready = ready;
        link->wait_usec = RECONNECT_FIRST_USEC;
        r = sd_event_add_time(m->event, &link->reconnect_source, CLOCK_MONOTONIC, 0, 1, on_reconnect, link);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(link->reconnect_source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &link->start_source, CLOCK_MONOTONIC,
                        clock_usec(CLOCK_MONOTONIC) + START_LASTS_USEC, 0, on_start_lasts, link);
        if (r < 0)
                return r;
        r = bus_link_connect(link);
        if (r < 0) {
                log_warning("The system bus can't be reached (yet): %s.", strerror(-r));
                bus_link_connect_later(link);
        }
        *ret = TAKE_PTR(link);
        return 0;
}

BusLink *bus_link_free(BusLink *link) {
        if (!link)
                return NULL;
        sd_event_source_unref(link->start_source);
        sd_event_source_unref(link->reconnect_source);
        bus_link_disconnect(link);
        free(link);
        return NULL;
}
