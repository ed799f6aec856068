/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lookups over the bus, against what any call of the same service costs:
 *
 *     bench-bus BLOCKS CALLS NAMES MISSES
 *
 * On one connection, in blocks, so many calls of Peer.Ping(), of ResolveHostname() for names
 * out of the file NAMES, and for those out of MISSES.  Prints a JSON object.
 *
 *     bench-bus --clients N SECONDS NAMES
 *
 * N connections, each with a call under way at any time; prints calls a second, of both.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "measure.h"
#include "util/protocol.h"
#include "util/util.h"

#define CLIENTS_MAX 256U

typedef struct Load {
        sd_event *event;
        const Names *names; /* NULL: Ping() */
        uint64_t n_replies, n_errors;
        bool over;
} Load;

typedef struct Client {
        Load *load;
        sd_bus *bus;
} Client;

static void check(int r, const char *what) {
        if (r >= 0)
                return;
        errno = -r;
        die(what);
}

/* names NULL: Ping(). */
static sd_bus_message *call_new(sd_bus *bus, const Names *names) {
        sd_bus_message *call;

        if (!names) {
                check(sd_bus_message_new_method_call(bus, &call, SERVICE_NAME, SERVICE_PATH,
                                      "org.freedesktop.DBus.Peer", "Ping"),
                                "call");
                return call;
        }
        check(sd_bus_message_new_method_call(bus, &call, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE,
                              "ResolveHostname"),
                        "call");
        check(sd_bus_message_append(call, "isit", 0, names_any(names), 0, UINT64_C(0)), "call");
        return call;
}

static void measure(sd_bus *bus, const Names *names, size_t n, bool found, Samples *samples) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
                uint64_t begin = now_ns(CLOCK_MONOTONIC);
                int r;

                call = call_new(bus, names);
                r = sd_bus_call(bus, call, 0, &error, &reply);
                samples_add(samples, now_ns(CLOCK_MONOTONIC) - begin);
                if (found ? r < 0 : !sd_bus_error_has_name(&error, SERVICE_ERROR_NO_SUCH_NAME)) {
                        fprintf(stderr, "%s\n",
                                        error.message ? error.message : "a name was found that isn't there");
                        exit(EXIT_FAILURE);
                }
        }
}

static void run(int blocks, size_t n, const char *names_path, const char *misses_path) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Samples ping = { 0 }, hit = { 0 }, miss = { 0 };
        const Names names = names_read(names_path), misses = names_read(misses_path);

        check(sd_bus_open_system(&bus), "bus");
        for (int b = 0; b < blocks; b++) {
                measure(bus, NULL, n, true, &ping);
                measure(bus, &names, n, true, &hit);
                measure(bus, &misses, n, false, &miss);
        }
        printf("{\"ping\": ");
        samples_print(&ping);
        printf(", \"hit\": ");
        samples_print(&hit);
        printf(", \"miss\": ");
        samples_print(&miss);
        printf("}\n");
}

static void client_ask(Client *c);

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Client *c = userdata;

        c->load->n_replies++;
        c->load->n_errors += sd_bus_message_is_method_error(reply, NULL) > 0;
        if (!c->load->over)
                client_ask(c);
        return 0;
}

static void client_ask(Client *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = call_new(c->bus, c->load->names);

        check(sd_bus_call_async(c->bus, NULL, call, on_reply, c, 0), "call");
}

static int on_time(sd_event_source *s, uint64_t usec, void *userdata) {
        Load *load = userdata;

        load->over = true;
        return sd_event_exit(load->event, 0);
}

static void run_load(unsigned n_clients, double seconds, const Names *names) {
        Load load = { .names = names };
        Client clients[CLIENTS_MAX];
        uint64_t begin;

        check(sd_event_new(&load.event), "event");
        for (unsigned i = 0; i < n_clients; i++) {
                clients[i] = (Client) { .load = &load };
                check(sd_bus_open_system(&clients[i].bus), "bus");
                check(sd_bus_attach_event(clients[i].bus, load.event, 0), "event");
                client_ask(clients + i);
        }
        check(sd_event_add_time_relative(load.event, NULL, CLOCK_MONOTONIC, (uint64_t) (seconds * 1e6), 1000,
                              on_time, &load),
                        "event");
        begin = now_ns(CLOCK_MONOTONIC);
        check(sd_event_loop(load.event), "event");
        printf("%.0f", (double) load.n_replies * 1e9 / (double) (now_ns(CLOCK_MONOTONIC) - begin));
        if (load.n_errors > 0) {
                fprintf(stderr, "%" PRIu64 " calls failed\n", load.n_errors);
                exit(EXIT_FAILURE);
        }
        for (unsigned i = 0; i < n_clients; i++)
                sd_bus_close_unref(clients[i].bus);
        sd_event_unref(load.event);
}

int main(int argc, char **argv) {
        if (argc == 5 && strcmp(argv[1], "--clients") == 0) {
                const Names names = names_read(argv[4]);

                printf("{\"ping\": ");
                run_load(MIN2((unsigned) atoi(argv[2]), CLIENTS_MAX), atof(argv[3]), NULL);
                printf(", \"hit\": ");
                run_load(MIN2((unsigned) atoi(argv[2]), CLIENTS_MAX), atof(argv[3]), &names);
                printf("}\n");
        } else if (argc == 5)
                run(atoi(argv[1]), (size_t) atol(argv[2]), argv[3], argv[4]);
        else {
                fprintf(stderr, "usage: bench-bus BLOCKS CALLS NAMES MISSES\n"
                                "       bench-bus --clients N SECONDS NAMES\n");
                return 2;
        }
        return 0;
}
