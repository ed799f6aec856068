/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The NSS modules' other door: one lookup as one D-Bus call to the service, over a
 * connection of its own.  Lives in a shared object that a module loads only
 * when the index can't answer, since libsystemd costs a process half a
 * millisecond.  No state is kept; safe in threads, after fork, with signals.
 */

#include <stdint.h>

#include "index/reader.h"

/* The flags of ResolveHostname() are NameVariant; see dbus/org.libvirt.Resolve1.xml. */

/* The whole of a lookup: connecting, authenticating, the call, and trying
 * again while the service restarts. */
#define CLIENT_TIMEOUT_USEC UINT64_C(2000000)

/* Of it, until the bus has said Hello, where no service ever ran: early in boot the bus's socket takes
 * connections before there is a bus. */
#define CLIENT_CONNECT_USEC UINT64_C(500000)

/*
 * After an upgrade a process may have the module of one version and load the client of another.  So
 * the number in the functions' names goes up with each change of what they pass: their
 * parameters, Answer, IndexEntry, NameVariant, LookupResult.  A module finds no client of another number.
 */
_Static_assert(sizeof(Answer) == sizeof(size_t) + sizeof(void *) + 8192,
                "an Answer of another shape takes another number");

/*
 * As index_find_name(): a LookupResult and the answer, its entries with ifindex set
 * and interface empty; or a negative errno where the bus or the service
 * couldn't be asked or didn't say: -ETIMEDOUT, -ENOENT, -EACCES (the lease directory), ...
 * live: whether a service ran and left an index, which tells a restarting one from a masked one, and a
 * busy bus from one that isn't there yet.
 */
int libvirt_resolve_client1_name(NameVariant variant, const char *name, int family, int live, Answer *ret);

/* As index_find_address(). */
int libvirt_resolve_client1_address(NameVariant variant, int family, const uint8_t *address, int live,
                Answer *ret);
