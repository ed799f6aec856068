/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's answers about names and addresses, as JSON objects, and as lines.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/address.h"

/* Whether an error is an answer about a name or an address, rather than a failure to ask. */
bool answer_is_of_the_name(const sd_bus_error *error);

/* Reads what ResolveHostname() or WaitForHostname() replied: an array with an object for each
 * address.  *ret_seen: whether one of them was seen.  Returns 0 or a negative errno. */
int answer_read_name(sd_bus_message *reply, const char *name, bool *ret_seen, json_t **ret);

/* What ResolveAddress() replied: an object for each network on which it has names. */
int answer_read_address(sd_bus_message *reply, const char *text, const Address *address, bool *ret_seen,
                json_t **ret);

/* Adds an object that says why there is no answer. */
int answer_append_error(json_t *array, const char *what, const sd_bus_error *error);

void answer_print_addresses(const char *name, const json_t *answer, bool legend);
void answer_print_names(const char *text, const json_t *answer, bool legend);

/* Of a MAC address: its leases' addresses, the names of each, and the libvirt domain. */
void answer_print_leases(const char *text, const json_t *leases, bool legend);

/* On standard error. */
void answer_print_error(const char *what, const sd_bus_error *error);

/* On standard error: what may be behind a name that no guest has. */
void answer_print_hint(void);

/* Whether the hint makes sense: a guest may be called so, but the service knows of no lease, not even one
 * that has expired. */
bool answer_needs_hint(const char *name, const sd_bus_error *error);
