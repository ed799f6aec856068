/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The modules' bus backend: one lookup as one D-Bus call to the service, over a separate connection.  It is
 * in a shared object that a module loads only if the index can't answer, since loading libsystemd takes half
 * a millisecond.  It keeps no state, and is safe in threads, after fork, and with signals.
 */

#include <stdint.h>

#include "index/reader.h"

/* The flags of ResolveHostname() are NameVariant; see dbus/org.libvirt.Resolve1.xml. */

/* The time limit of a lookup: connecting, authenticating, the call, and retries while the service restarts.
 */
#define CLIENT_TIMEOUT_USEC UINT64_C(2000000)

/* The part of it for connecting, if no service ever ran: early in boot, the bus's socket accepts connections
 * before there is a bus. */
#define CLIENT_CONNECT_USEC UINT64_C(500000)

/*
 * After an upgrade a process may have the module of one version and load the client of another.  So the
 * number in the functions' names changes whenever their interface does: parameters, Answer, IndexEntry,
 * NameVariant, LookupResult.  A module doesn't find a client with another number.
 */
_Static_assert(sizeof(Answer) == sizeof(size_t) + sizeof(void *) + 8192,
                "an Answer of another shape takes another number");

/*
 * As index_find_name(): returns a LookupResult and the answer, whose entries have ifindex set and an empty
 * interface; or a negative errno if the bus or the service couldn't be asked or couldn't answer: -ETIMEDOUT,
 * -ENOENT, -EACCES (for the lease directory), ...  service_expected: an index shows that a service ran, so it
 * may be restarting rather than masked, and a silent bus is busy rather than not started yet.
 */
int libvirt_resolve_client1_name(NameVariant variant, const char *name, int family, int service_expected,
                Answer *ret);

/* As index_find_address(). */
int libvirt_resolve_client1_address(NameVariant variant, int family, const uint8_t *address,
                int service_expected, Answer *ret);
