/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Packs an answer into the buffer that a caller of NSS gave, in the shapes that
 * glibc wants.  All functions return false, and have touched nothing, where the
 * buffer is too small.  The buffer may begin at any address.
 */

#include <netdb.h>
#include <nss.h>
#include <stdbool.h>

#include "index/reader.h"

/* The addresses of a name; all of the answer's entries are of that family. */
bool pack_host(const Answer *answer, int family, char *buffer, size_t size, struct hostent *ret);

/* The first name of an address. */
bool pack_host_of_address(const Answer *answer, int family, const uint8_t *address, char *buffer, size_t size,
                struct hostent *ret);

/* The addresses of a name, of both families.  The first tuple goes to where
 * *tuples points, if not to NULL: there glibc has room for it already. */
bool pack_tuples(const Answer *answer, char *buffer, size_t size, struct gaih_addrtuple **tuples);
