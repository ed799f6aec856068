/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Packs an answer into the buffer of an NSS caller, in glibc's formats.  All functions return false, without
 * changing anything, if the buffer is too small.  The buffer need not be aligned.
 */

#include <netdb.h>
#include <nss.h>
#include <stdbool.h>

#include "index/reader.h"

/* Packs the addresses of a name; all entries of the answer have that family. */
bool pack_host(const Answer *answer, int family, char *buffer, size_t size, struct hostent *ret);

/* Packs the first name of an address. */
bool pack_host_of_address(const Answer *answer, int family, const uint8_t *address, char *buffer, size_t size,
                struct hostent *ret);

/* Packs the addresses of a name, of both families.  If *tuples isn't NULL, the first tuple goes to *tuples,
 * for which glibc has already reserved space. */
bool pack_tuples(const Answer *answer, char *buffer, size_t size, struct gaih_addrtuple **tuples);
