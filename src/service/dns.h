/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The little of DNS that the resolve hook needs: names of reverse lookups, and resource records in
 * wire form.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

enum {
        DNS_CLASS_IN = 1,
        DNS_TYPE_A = 1,
        DNS_TYPE_PTR = 12,
        DNS_TYPE_AAAA = 28,
};

/* A name in wire form (255 bytes at most), type, class, TTL, length, and data as long as a name. */
#define DNS_RECORD_MAX (255 + 10 + 255)

#define DNS_REVERSE_MAX 74 /* 32 nibbles with dots, "ip6.arpa", NUL */

/* Reads "10.122.168.192.in-addr.arpa" or the like below ip6.arpa, in any letter case, one trailing dot
 * ignored: a whole address, not a part of one.  Returns whether it is such a name. */
bool dns_reverse_parse(const char *name, Address *ret);

/* Writes an address' name of reverse lookups; returns buffer. */
const char *dns_reverse_format(const Address *address, char buffer[static DNS_REVERSE_MAX]);

/* Write a record of class IN: an A or AAAA record, or a PTR record.  owner and target as text, without
 * escapes.  Return its size, or 0 where a name can't be a DNS name. */
size_t dns_address_record(const char *owner, const Address *address, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]);
size_t dns_pointer_record(const char *owner, const char *target, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]);

/* Writes base64 and a NUL: 4 bytes for each 3 begun, and one.  Returns buffer. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
const char *base64_encode(const uint8_t *data, size_t n, char *buffer);
