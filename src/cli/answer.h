/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's answers about names and addresses, as JSON objects, and as lines.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/address.h"

/* Whether the error answers the question, rather than reporting that it couldn't be asked. */
bool answer_is_of_the_name(const sd_bus_error *error);

/* Reads the reply of ResolveHostname() or WaitForHostname(): an array with an object for each address.
 * *ret_seen: whether any of the addresses was seen on a bridge.  Returns 0 or a negative errno. */
int answer_read_name(sd_bus_message *reply, const char *name, bool *ret_seen, json_t **ret);

/* Reads the reply of ResolveAddress(): an object for each network on which the address has names. */
int answer_read_address(sd_bus_message *reply, const char *text, const Address *address, bool *ret_seen,
                json_t **ret);

/* Appends an object with the reason why there is no answer. */
int answer_append_error(json_t *array, const char *what, const sd_bus_error *error);

void answer_print_addresses(const char *name, const json_t *answer, bool legend);
void answer_print_names(const char *text, const json_t *answer, bool legend);

/* For a MAC address: prints the addresses of its leases, the names of each, and the libvirt domain. */
void answer_print_leases(const char *text, const json_t *leases, bool legend);

/* Prints the error on standard error. */
void answer_print_error(const char *what, const sd_bus_error *error);

/* Prints on standard error how else to find a guest whose name is unknown. */
void answer_print_hint(void);

/* Whether the hint makes sense: a guest may have this name, but the service knows no lease of it, not even an
 * expired one. */
bool answer_needs_hint(const char *name, const sd_bus_error *error);
