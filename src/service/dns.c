/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of DNS that the resolve hook needs.
 */

#include "service/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

#include "names/name.h"

static const char in_addr_arpa[] = ".in-addr.arpa";
static const char ip6_arpa[] = ".ip6.arpa";

/* Removes the suffix. */
static bool cut_suffix(char *name, size_t n, const char *suffix) {
        size_t k = strlen(suffix);

        if (n <= k || strcmp(name + n - k, suffix) != 0)
                return false;
        name[n - k] = '\0';
        return true;
}

static bool reverse_parse_ipv4(const char *text, Address *ret) {
        uint8_t bytes[4];
        Address a;

        /* Four numbers like an IPv4 address, in reverse order. */
        if (address_parse(text, &a) < 0 || a.family != AF_INET)
                return false;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = a.bytes[3 - i];
        memcpy(a.bytes, bytes, sizeof(bytes));
        *ret = a;
        return true;
}

static int nibble(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool reverse_parse_ipv6(const char *text, Address *ret) {
        Address a = { .family = AF_INET6 };

        if (strlen(text) != 63)
                return false;
        for (size_t i = 0; i < 32; i++) {
                int v = nibble(text[2 * i]);

                if (v < 0 || (i < 31 && text[2 * i + 1] != '.'))
                        return false;
                a.bytes[15 - i / 2] |= (uint8_t) (i % 2 == 0 ? v : v << 4);
        }
        *ret = a;
        return true;
}

bool dns_reverse_parse(const char *name, Address *ret) {
        char folded[NAME_SIZE];
        size_t n;

        n = name_fold(name, folded);
        if (cut_suffix(folded, n, in_addr_arpa))
                return reverse_parse_ipv4(folded, ret);
        return cut_suffix(folded, n, ip6_arpa) && reverse_parse_ipv6(folded, ret);
}

const char *dns_reverse_format(const Address *address, char buffer[static DNS_REVERSE_MAX]) {
        const uint8_t *b = address->bytes;
        char *p = buffer;

        if (address->family == AF_INET) {
                (void) snprintf(buffer, DNS_REVERSE_MAX, "%u.%u.%u.%u%s", b[3], b[2], b[1], b[0],
                                in_addr_arpa);
                return buffer;
        }
        for (size_t i = 16; i-- > 0;)
                p += sprintf(p, "%x.%x.", b[i] & 15U, (unsigned) b[i] >> 4);
        (void) strcpy(p - 1, ip6_arpa);
        return buffer;
}

/* Writes a name in wire form.  Returns its size, 0 if it can't be a DNS name. */
static size_t name_write(const char *name, uint8_t *out) {
        int n = dn_comp(name, out, NS_MAXCDNAME, NULL, NULL);

        return n > 1 ? (size_t) n : 0; /* 1 byte: the root */
}

/* Writes the part of a record between owner and data. */
static uint8_t *head_write(uint8_t *p, unsigned type, uint32_t ttl, size_t length) {
        NS_PUT16(type, p);
        NS_PUT16(ns_c_in, p);
        NS_PUT32(ttl, p);
        NS_PUT16(length, p);
        return p;
}

size_t dns_address_record(const char *owner, const Address *address, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]) {
        size_t n = name_write(owner, record), length = address_length(address->family);
        uint8_t *p;

        if (n == 0)
                return 0;
        p = head_write(record + n, address->family == AF_INET ? ns_t_a : ns_t_aaaa, ttl, length);
        memcpy(p, address->bytes, length);
        return (size_t) (p - record) + length;
}

size_t dns_pointer_record(const char *owner, const char *target, uint32_t ttl,
                uint8_t record[static DNS_RECORD_MAX]) {
        size_t n = name_write(owner, record), length;
        uint8_t data[NS_MAXCDNAME], *p;

        length = name_write(target, data);
        if (n == 0 || length == 0)
                return 0;
        p = head_write(record + n, ns_t_ptr, ttl, length);
        memcpy(p, data, length);
        return (size_t) (p - record) + length;
}
