/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * DHCID (RFC 4701): the record that identifies a name's owner, a digest of a MAC address and the name.
 */

#include <stdint.h>

#include "util/address.h"

#define DHCID_SIZE 35

/* Makes the record's data.  name: the guest's full name, folded.  Returns 0; -EINVAL: name isn't a domain
 * name. */
int dhcid_make(const MacAddress *mac, const char *name, uint8_t ret[static DHCID_SIZE]);
