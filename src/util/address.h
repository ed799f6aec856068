/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * IP and MAC addresses, as lease files spell them.  libc only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Address {
        uint8_t family;    /* AF_INET or AF_INET6 */
        uint8_t bytes[16]; /* network byte order; the first 4 for AF_INET, the rest 0 */
} Address;

typedef struct MacAddress {
        uint8_t bytes[6];
} MacAddress;

#define ADDRESS_TEXT_MAX 46 /* INET6_ADDRSTRLEN */
#define MAC_TEXT_MAX 18

/* Parses "192.168.122.7", "fd00::7" or "fe80::7%virbr0" (the scope is dropped).  Returns 0, or -EINVAL and
 * leaves *ret alone. */
int address_parse(const char *text, Address *ret);

/* Writes the address as inet_ntop(3) does.  Returns buffer. */
const char *address_format(const Address *address, char buffer[static ADDRESS_TEXT_MAX]);

/* The number of bytes of an address: 4 or 16; 0 for an unknown family. */
size_t address_length(int family);

/* Compares by family (IPv4 first), then bytes.  Returns as memcmp(3). */
int address_compare(const Address *a, const Address *b);

/* Whether a guest may have the address: it isn't loopback, multicast, unspecified, limited broadcast, or an
 * IPv4 address written as IPv6. */
bool address_is_guests(int family, const uint8_t *bytes);

/* fe80::/10: meaningful only together with an interface. */
bool address_is_link_local(int family, const uint8_t *bytes);

/* Parses six octets, "52:54:00:AA:00:01": one or two hex digits each, in any letter case, separated by
 * colons or dashes, optionally after dnsmasq's hardware type ("01-52:54:...").  Returns 0, or -EINVAL and
 * leaves *ret alone. */
int mac_parse(const char *text, MacAddress *ret);

/* Writes lower case with colons, as libvirt does.  Returns buffer. */
const char *mac_format(const MacAddress *mac, char buffer[static MAC_TEXT_MAX]);
