/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The parts of DNS that the resolve hook needs: names of reverse lookups, and resource records in wire form.
 */

#include <arpa/nameser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

/* A name in wire form (255 bytes at most), type, class, TTL, length, and data of the same size as a name. */
#define DNS_RECORD_MAX (NS_MAXCDNAME + 10 + NS_MAXCDNAME)

#define DNS_REVERSE_MAX 74 /* 32 nibbles with dots, "ip6.arpa", NUL */

/* Reads "10.122.168.192.in-addr.arpa" or a name below ip6.arpa, in any letter case, with or without a
 * trailing dot.  The address must be complete.  Returns whether it is such a name. */
bool dns_reverse_parse(const char *name, Address *ret);

/* Writes the name for the address's reverse lookup; returns buffer. */
const char *dns_reverse_format(const Address *address, char buffer[static DNS_REVERSE_MAX]);

/* Write a record of class IN: an A or AAAA record, or a PTR record.  owner and target: text without escapes.
 * Return the record's size, or 0 if a name isn't a valid DNS name. */
size_t dns_address_record(const char *owner, const Address *address, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]);
size_t dns_pointer_record(const char *owner, const char *target, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]);
