/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a name is, and what no guest may ever be called, whatever the
 * administrator configured.  libc only: the NSS modules check this again on
 * every answer, since the index they read isn't written by root.
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
 * Writes the form in which names are compared: ASCII letters in lower case, one
 * trailing dot dropped.  Returns its length, 1 to NAME_LENGTH_MAX, or 0 where
 * nothing is left, another dot is, or the name is too long; buffer is a string in either case.
 */
size_t name_fold(const char *name, char buffer[static NAME_SIZE]);

/* Whether two names are the same but for the case of ASCII letters, in any locale. */
bool name_equal(const char *a, const char *b);

/* RFC 1123, with "_" tolerated inside a label: labels of 1 to 63 letters, digits,
 * "-" and "_" that neither begin nor end with "-" or "_", 253 bytes in all. */
bool name_is_hostname(const char *name);

/* Well-formed UTF-8 without control characters being judged: what a D-Bus string
 * can carry. */
bool name_is_utf8(const char *name);

/* Whether a folded name reads as an IPv4 address, as inet_aton() has it: "10.9.8.7", "127.1", "2130706433",
 * "0x7f000001".  Who feeds such a name to the resolver gets what the guest chose. */
bool name_is_address(const char *folded);

/* Whether a folded name is one that programs give a meaning of their own: it
 * begins with "_", "localhost" or "ip6-", is below .localhost, or its first
 * label is "wpad" or "isatap"; or it reads as an address. */
bool name_is_reserved(const char *folded);

/* Whether an address may be a guest's: not loopback, multicast, unspecified,
 * limited broadcast, nor an IPv4 address written as IPv6. */
bool address_is_guests(int family, const uint8_t *bytes);

/* fe80::/10: means something only together with an interface. */
bool address_is_link_local(int family, const uint8_t *bytes);
