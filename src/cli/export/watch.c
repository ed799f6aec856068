/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * export --watch: the file follows the leases.
 */

#include "cli/export/watch.h"

#include <string.h>
#include <systemd/sd-daemon.h>

#include "cli/service-client.h"
#include "cli/style.h"
#include "cli/subscription.h"
#include "util/clock.h"

/* Microseconds from the first change to writing the file, and until a failed listing is repeated. */
#define DELAY_USEC UINT64_C(200000)
#define RETRY_USEC UINT64_C(10000000)

#define NEVER UINT64_MAX

typedef struct Watch {
        Output *output;
        Subscription subscription;
        uint64_t due;         /* when to list, on CLOCK_MONOTONIC */
        char last_error[256]; /* name of the last reported error; "": none */
} Watch;

static void print_note(const Watch *w, const char *text) {
        if (w->output->options->legend)
                fprintf(stderr, "%s-- %s%s\n", style(stderr, STYLE_GREY), text, style(stderr, STYLE_PLAIN));
}

static int on_signal(Subscription *s, sd_bus_message *m) {
        Watch *w = s->userdata;

        w->due = MIN2(w->due, clock_usec(CLOCK_MONOTONIC) + DELAY_USEC);
        return 0;
}

/* While the service doesn't run, it isn't asked: a call would start it again after the administrator stopped
 * it. */
static void on_owner(Subscription *s, bool there) {
        Watch *w = s->userdata;

        w->due = there ? clock_usec(CLOCK_MONOTONIC) : NEVER;
        print_note(w, there ? "The service has started." : "The service has ended; the file stays as it is.");
}

/* Whether a later listing may succeed. */
static bool may_pass(const sd_bus_error *error) {
        return client_error_is_an_answer(error) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_LIMITS_EXCEEDED) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_TIMEOUT);
}

/* Handles a failed listing: reports it once.  Returns 0 if the listing will be repeated. */
static int fail(Watch *w, const sd_bus_error *error, int r) {
        if (strcmp(w->last_error, error->name) != 0) {
                (void) snprintf(w->last_error, sizeof(w->last_error), "%s", error->name);
                client_report_error(error);
        }
        if (!may_pass(error))
                return r;
        w->due = w->subscription.owner[0] != '\0' ? clock_usec(CLOCK_MONOTONIC) + RETRY_USEC : NEVER;
        return 0;
}

static int update(Watch *w, sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *leases = NULL;
        int r;

        w->due = NEVER; /* a change during the listing sets it again */
        r = output_fetch(w->output, bus, &error, &leases);
        if (r < 0)
                return fail(w, &error, r);
        w->last_error[0] = '\0';
        return output_write(w->output, leases);
}

static int follow(Watch *w, sd_bus *bus) {
        for (;;) {
                uint64_t now = clock_usec(CLOCK_MONOTONIC);
                int r;

                if (w->due > now) {
                        r = subscription_run(bus, w->due == NEVER ? NEVER : w->due - now);
                        if (r < 0) {
                                fprintf(stderr, "libvirt-resolve: The connection to the bus is lost: %s.\n",
                                                strerror(-r));
                                return r;
                        }
                        continue;
                }
                r = update(w, bus);
                if (r < 0)
                        return r;
                (void) sd_notify(false, "READY=1");
        }
}

int watch_run(Output *output) {
        _cleanup_(json_decrefp) json_t *properties = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        Watch w = {
                .output = output,
                .subscription = { .on_signal = on_signal, .on_owner = on_owner, .userdata = &w },
        };
        int r;

        /* This call starts the service: only a running one sends signals. */
        r = client_open_with_properties(&bus, &properties);
        if (r < 0)
                return r;
        r = subscription_begin(bus, &w.subscription);
        if (r < 0) {
                fprintf(stderr, "libvirt-resolve: The bus can't be watched: %s.\n", strerror(-r));
                return r;
        }
        return follow(&w, bus);
}
