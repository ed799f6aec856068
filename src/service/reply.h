/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Dictionaries a{sv} in replies.
 */

#include <systemd/sd-bus.h>

#include "util/address.h"

/* Appends an entry whose value is a string; NULL appends nothing. */
int reply_append_text(sd_bus_message *reply, const char *key, const char *value);

/* Appends an entry whose value is the address's bytes. */
int reply_append_address(sd_bus_message *reply, const Address *address);

/* Begin and end an entry whose value is a container. */
int reply_open_entry(sd_bus_message *reply, const char *key, const char *contents);
int reply_close_entry(sd_bus_message *reply);
