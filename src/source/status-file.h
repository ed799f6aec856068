/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * BRIDGE.status: the DHCP leases of a network, as libvirt's leaseshelper writes them, a JSON array of one
 * object for each lease.
 */

#include <stddef.h>

#include "source/binding.h"

/*
 * Parses a .status document of size bytes.
 *
 * Tolerant: an empty document, or one of blanks, is an empty list.  Unknown keys and nested values are
 * ignored.  An entry is skipped if it isn't an object, has no valid "ip-address", or has an "expiry-time"
 * that isn't an integer.  An invalid "mac-address", "hostname" or "client-id" is ignored and the entry is
 * kept. null counts as a missing key.  All problems are counted and described in (*ret)->problems.
 *
 * A missing "expiry-time" is 0: the lease never expires.  A negative one expired long ago.  A string that
 * contains a NUL (\u0000) is invalid, so that it never truncates a name.
 *
 * Returns 0 and the list, owned by the caller; -EBADMSG if the bytes aren't a JSON array; -ENOMEM.  *error
 * describes a failure, with line and column if the bytes aren't JSON.  On failure *ret is untouched.
 */
int status_file_parse(const char *data, size_t size, BindingList **ret, DocumentError *error);
