/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * IP and MAC addresses as lease files spell them.  libc only.
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

/* Reads "192.168.122.7", "fd00::7" or "fe80::7%virbr0" (the scope is dropped).
 * Returns 0, or -EINVAL and leaves *ret alone. */
int address_parse(const char *text, Address *ret);

/* Writes the address as inet_ntop(3) does; returns buffer. */
const char *address_format(const Address *address, char buffer[static ADDRESS_TEXT_MAX]);

/* 4 or 16: the bytes that count; 0 for an unknown family. */
size_t address_length(int family);

/* By family (IPv4 first), then bytes; as memcmp(3). */
int address_compare(const Address *a, const Address *b);

/* Reads six octets, "52:54:00:AA:00:01": one or two hex digits each, colons
 * or dashes between, in any letter case, with or without dnsmasq's prefix of the
 * hardware type ("01-52:54:...").  Returns 0, or -EINVAL and leaves *ret alone. */
int mac_parse(const char *text, MacAddress *ret);

/* Writes lower case with colons, as libvirt does; returns buffer. */
const char *mac_format(const MacAddress *mac, char buffer[static MAC_TEXT_MAX]);
