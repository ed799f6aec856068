/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Questions to the service, and what it says, as one line of text that a test can
 * compare: "web1: 192.168.122.42 fd00::1 [lease]", or an error's last word:
 * "NoSuchName".
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#define ASK_ANY 0U
#define ASK_LEASE 1U
#define ASK_DOMAIN 2U

/* All return a string to be freed. */
char *ask_name(sd_bus *bus, const char *name, int family, uint64_t flags, int ifindex);
char *ask_wait(sd_bus *bus, const char *name, uint64_t timeout_usec);
char *ask_address(sd_bus *bus, const char *address, uint64_t flags);

/* The error's message instead; "" where there is none. */
char *ask_why(sd_bus *bus, const char *name, uint64_t flags);

/* A reply of ResolveHostname() or WaitForHostname(). */
char *ask_format(sd_bus_message *reply);
