/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names, and those that no guest may have, whatever the administrator configured.  Uses libc only: the NSS
 * modules check every answer again, because the index that they read isn't written by root.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/limits.h"

#define NAME_SIZE (NAME_LENGTH_MAX + 1)

/* The two variants of a name.  The values are those of the D-Bus flags. */
typedef enum NameVariant {
        VARIANT_LEASE = 1,  /* the hostname that the guest told the DHCP server */
        VARIANT_DOMAIN = 2, /* the name of the libvirt domain */
} NameVariant;

/*
 * Writes the form in which names are compared: ASCII letters in lower case, without one trailing dot.
 * Returns its length, 1 to NAME_LENGTH_MAX; 0 if the result is empty, still ends with a dot, or is too long.
 * The buffer is a string in either case.
 */
size_t name_fold(const char *name, char buffer[static NAME_SIZE]);

/* Whether two names are equal, ignoring the case of ASCII letters in any locale. */
bool name_equal(const char *a, const char *b);

/* RFC 1123, with "_" tolerated inside a label: labels of 1 to 63 letters, digits,
 * "-" and "_" that neither begin nor end with "-" or "_", 253 bytes in all. */
bool name_is_hostname(const char *name);

/* Whether inet_aton() accepts a folded name as an IPv4 address: "10.9.8.7", "127.1", "2130706433",
 * "0x7f000001".  A guest with such a name would choose where an address leads. */
bool name_is_address(const char *folded);

/* Whether programs give a folded name a meaning of their own: it begins with "localhost" or "ip6-", is
 * below .localhost, has "wpad", "isatap" or one of systemd's own names ("_gateway", "_outbound",
 * "_localdnsstub", "_localdnsproxy") as its first label, or is an address. */
bool name_is_reserved(const char *folded);
