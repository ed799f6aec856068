/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve monitor: prints leases as they come, change and go.
 */

#include <stdio.h>
#include <string.h>

#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/style.h"
#include "cli/subscription.h"
#include "cli/timestamp.h"
#include "cli/value.h"
#include "cli/verbs.h"
#include "util/clock.h"
#include "util/span.h"
#include "util/text.h"

typedef struct Event {
        const char *member, *name;
        Style style;
} Event;

static const Event events[] = {
        { "LeaseAdded", "added", STYLE_GREEN },
        { "LeaseRemoved", "removed", STYLE_RED },
        { "LeaseChanged", "changed", STYLE_YELLOW },
        { "AddressAdded", "added", STYLE_GREEN },
        { "AddressRemoved", "removed", STYLE_RED },
        { "AddressChanged", "changed", STYLE_YELLOW },
};

#define LINE_FORMAT "%-19s %s%-7s%s %-15s %-17s %-9s %-10s %s %s\n"

/* Prints the heading, once. */
static void print_heading(void) {
        printf(LINE_FORMAT, "TIME", "", "EVENT", "", "ADDRESS", "MAC", "INTERFACE", "EXPIRES IN", "NAME",
                        "DOMAIN");
        (void) fflush(stdout);
}

static void print_event(const Event *event, const json_t *lease) {
        char expires[SPAN_TEXT_MAX], time[TIMESTAMP_TEXT_MAX], name[TEXT_NAME_SIZE], domain[TEXT_NAME_SIZE];
        int64_t now = (int64_t) clock_usec(CLOCK_REALTIME);

        printf(LINE_FORMAT, timestamp_format(now, time), style(stdout, event->style), event->name,
                        style(stdout, STYLE_PLAIN), json_text(lease, "address") ?: "-",
                        json_text(lease, "mac-address") ?: "-", json_text(lease, "interface") ?: "-",
                        span_format_expiry(json_number(lease, "expiry"), now, expires),
                        text_escape(json_text(lease, "hostname") ?: "-", name, sizeof(name)),
                        text_escape(json_text(lease, "domain") ?: "-", domain, sizeof(domain)));
}

static int print_json(const Options *o, const Event *event, json_t *lease) {
        _cleanup_(json_decrefp) json_t *object = NULL;
        object = json_pack("{s:s, s:I}", "event", event->name, "time",
                        (json_int_t) clock_usec(CLOCK_REALTIME));
        if (!object || json_object_update_new(object, json_incref(lease)) < 0)
                return -ENOMEM;
        return json_print(stdout, object, o->json);
}

static int on_signal(Subscription *s, sd_bus_message *m) {
        _cleanup_(json_decrefp) json_t *lease = NULL;
        const Options *o = s->userdata;

        for (size_t i = 0; i < ELEMENTS(events); i++) {
                int r;

                if (!sd_bus_message_is_signal(m, SERVICE_INTERFACE, events[i].member))
                        continue;
                r = value_read(m, &lease);
                if (r < 0)
                        return r;
                if (o->json != JSON_OFF)
                        r = print_json(o, events + i, lease);
                else
                        print_event(events + i, lease);
                (void) fflush(stdout);
                return r;
        }
        return 0;
}

static void print_note(const Options *o, const char *text) {
        if (o->legend)
                fprintf(stderr, "%s-- %s%s\n", style(stderr, STYLE_GREY), text, style(stderr, STYLE_PLAIN));
}

static void on_owner(Subscription *s, bool there) {
        print_note(s->userdata, there ? "The service has started." : "The service has ended.");
}

static int watch(sd_bus *bus) {
        int r;

        do
                r = subscription_run(bus, UINT64_MAX);
        while (r >= 0);
        return r;
}

int verb_monitor(const Options *o) {
        _cleanup_(json_decrefp) json_t *properties = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        Subscription subscription = { .on_signal = on_signal, .on_owner = on_owner, .userdata = (void *) o };
        int r;

        /* This call starts the service: only a running one sends signals. */
        r = client_open_with_properties(&bus, &properties);
        if (r < 0)
                return EXIT_FAILED;
        r = subscription_begin(bus, &subscription);
        if (r >= 0) {
                print_note(o, "Watching for changes.");
                if (o->legend && o->json == JSON_OFF)
                        print_heading();
                r = watch(bus);
        }
        fprintf(stderr, "libvirt-resolve: The connection to the bus is lost: %s.\n", strerror(-r));
        return EXIT_FAILED;
}
