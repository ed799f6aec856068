/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calls to the service, each within its time: neither a frozen bus nor a frozen
 * service hangs the program.
 */

#include <jansson.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/protocol.h"
#include "util/util.h"

/* A call's time: enough for the bus to start the service. */
#define CALL_TIMEOUT_USEC UINT64_C(5000000)

/* What to do where the system bus can't be reached. */
#define BUS_ADVICE "Is dbus installed, and does it run? See: systemctl status dbus"

/* Connects to the system bus.  Says on standard error why not.  Returns 0 or a negative errno. */
int client_open(sd_bus **ret);

/* The tries of one call: all zero before the first. */
typedef struct ClientTries {
        uint64_t begin; /* of the failures */
        unsigned n_failures;
} ClientTries;

/* Takes note of a failure.  Returns when to try again, on CLOCK_MONOTONIC, or 0: it is the answer.
 * What a service answers that crashes and is restarted meanwhile isn't. */
uint64_t client_try_again(ClientTries *tries, const sd_bus_error *error, uint64_t deadline);

/* Begins a call of the service's own interface. */
int client_new_call(sd_bus *bus, const char *member, sd_bus_message **ret);

/*
 * Sends a call to whomever it is for, and waits for the reply as long as usec says; where the service
 * crashes or restarts during it, sends it again.  Returns 0 and the reply, or a negative errno and the error that came, or that says
 * what happened.
 */
int client_send(sd_bus *bus, sd_bus_message *m, uint64_t usec, sd_bus_error *error, sd_bus_message **ret);

/* Both at once.  types: as for sd_bus_message_append(). */
int client_call(sd_bus *bus, sd_bus_error *error, sd_bus_message **ret, const char *member, const char *types,
                ...);

/* Calls a method of the service and reads the one value that it returns. */
int client_fetch(sd_bus *bus, sd_bus_error *error, json_t **ret, const char *member, const char *types, ...);

/* All properties of an interface of any object, as a JSON object. */
int client_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                sd_bus_error *error, json_t **ret);

/* What the user can do about an error, one or more lines; NULL: the error says it all. */
const char *client_advice(const sd_bus_error *error);

/* What happened, as a clause for people, safe to show.  Returns buffer or a constant. */
const char *client_reason(const sd_bus_error *error, char *buffer, size_t size);

/* For verbs that ask once: these connect, and complain on standard error. */
int client_fetch_once(json_t **ret, const char *member, const char *types, ...);
int client_call_once(const char *member);
int client_get_own_properties(json_t **ret);

/* Says on standard error that the service couldn't be asked, or what it answered, with advice. */
void client_complain(const sd_bus_error *error);
