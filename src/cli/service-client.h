/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calls to the service.  Each has a time limit: neither a frozen bus nor a frozen service hangs the program.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/protocol.h"
#include "util/util.h"

/* The time limit of a call: long enough for the bus to start the service. */
#define CALL_TIMEOUT_USEC UINT64_C(5000000)

/* Advice if the system bus is unreachable. */
#define BUS_ADVICE "Is dbus installed, and does it run? See: systemctl status dbus"

/* The same for another host's bus. */
#define REMOTE_BUS_ADVICE "Does ssh reach it, are systemd-stdio-bridge and dbus installed, and does dbus run?"

/* Connects to the system bus of this host or of the remote one.  On failure, or if the service has recorded
 * that it couldn't start, reports that on standard error.  Returns 0 or a negative errno. */
int client_open(sd_bus **ret);

/* The same, and also reads the service's properties. */
int client_open_with_properties(sd_bus **ret, json_t **ret_properties);

/* The tries of one call: zeroed before the first. */
typedef struct ClientTries {
        uint64_t begin; /* time of the first failure, on CLOCK_MONOTONIC */
        unsigned n_failures;
} ClientTries;

/* Counts a failure.  Returns when to try again, on CLOCK_MONOTONIC, or 0: the error is final.  Errors that a
 * crash or a restart of the service causes aren't. */
uint64_t client_try_again(ClientTries *tries, const sd_bus_error *error, uint64_t deadline);

/* Creates a call of the service's interface. */
int client_new_call(sd_bus *bus, const char *member, sd_bus_message **ret);

/*
 * Sends a call and waits up to usec for the reply.  If the service crashes or restarts meanwhile, sends the
 * call again. Returns 0 and the reply, or a negative errno and an error: the reply's, or one that describes
 * the failure.
 */
int client_send(sd_bus *bus, sd_bus_message *m, uint64_t usec, sd_bus_error *error, sd_bus_message **ret);

/* client_new_call() and client_send() in one.  types: as for sd_bus_message_append(). */
int client_call(sd_bus *bus, sd_bus_error *error, sd_bus_message **ret, const char *member, const char *types,
                ...);

/* Calls a method of the service and reads the single value that it returns. */
int client_fetch(sd_bus *bus, sd_bus_error *error, json_t **ret, const char *member, const char *types, ...);

/* All properties of an interface of any object, as a JSON object. */
int client_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                sd_bus_error *error, json_t **ret);

/* Whether the service itself returned this error. */
bool client_error_is_an_answer(const sd_bus_error *error);

/* What the user can do about an error, one or more lines; NULL: the error is clear by itself. */
const char *client_advice(const sd_bus_error *error);

/* The error as a clause for people, escaped.  Returns buffer or a constant. */
const char *client_reason(const sd_bus_error *error, char *buffer, size_t size);

/* For verbs that ask once: these connect, and report errors on standard error. */
int client_fetch_once(json_t **ret, const char *member, const char *types, ...);
int client_call_once(const char *member);
int client_get_own_properties(json_t **ret);

/* Reports on standard error why the service couldn't be asked, or its error, with advice.  If systemd knows a
 * better reason from the unit's state, reports that instead. */
void client_report_error(const sd_bus_error *error);

/* The same for a call that only root may make. */
void client_report_change_error(const sd_bus_error *error);
