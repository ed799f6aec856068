/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The little of DNS that the resolve hook needs: names of reverse lookups, and resource records in
 * wire form.
 */

#include <arpa/nameser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

/* A name in wire form (255 bytes at most), type, class, TTL, length, and data as long as a name. */
#define DNS_RECORD_MAX (NS_MAXCDNAME + 10 + NS_MAXCDNAME)

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
