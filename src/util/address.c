/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IP and MAC addresses.
 */

#include "util/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

static bool ipv6_parse(const char *text, uint8_t bytes[static 16]) {
        char buffer[ADDRESS_TEXT_MAX];
        const char *scope = strchrnul(text, '%');
        size_t length = (size_t) (scope - text);

        if (length >= sizeof(buffer) || (scope[0] == '%' && scope[1] == '\0'))
                return false;

        memcpy(buffer, text, length);
        buffer[length] = '\0';
        return inet_pton(AF_INET6, buffer, bytes) == 1;
}

int address_parse(const char *text, Address *ret) {
        Address address = { 0 };

        if (inet_pton(AF_INET, text, address.bytes) == 1)
                address.family = AF_INET;
        else if (ipv6_parse(text, address.bytes))
                address.family = AF_INET6;
        else
                return -EINVAL;

        *ret = address;
        return 0;
}

const char *address_format(const Address *address, char buffer[static ADDRESS_TEXT_MAX]) {
        if (!inet_ntop(address->family, address->bytes, buffer, ADDRESS_TEXT_MAX))
                buffer[0] = '\0';
        return buffer;
}

size_t address_length(int family) {
        switch (family) {
        case AF_INET:
                return sizeof(struct in_addr);
        case AF_INET6:
                return sizeof(struct in6_addr);
        default:
                return 0;
        }
}

int address_compare(const Address *a, const Address *b) {
        size_t a_length = address_length(a->family), b_length = address_length(b->family);

        if (a_length != b_length)
                return a_length < b_length ? -1 : 1;
        return memcmp(a->bytes, b->bytes, a_length);
}

static bool ipv4_is_guests(const uint8_t *b) {
        return b[0] != 0 && b[0] != 127 && b[0] < 224;
}

static bool ipv6_is_guests(const uint8_t *b) {
        static const uint8_t zero[10];

        /* ::, ::1, ::a.b.c.d and ::ffff:a.b.c.d */
        if (memcmp(b, zero, sizeof(zero)) == 0)
                return false;
        return b[0] != 0xff;
}

bool address_is_guests(int family, const uint8_t *bytes) {
        switch (family) {
        case AF_INET:
                return ipv4_is_guests(bytes);
        case AF_INET6:
                return ipv6_is_guests(bytes);
        default:
                return false;
        }
}

bool address_is_link_local(int family, const uint8_t *bytes) {
        return family == AF_INET6 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

/* Reads one or two hex digits; returns where they end, or NULL. */
static const char *octet_parse(const char *text, uint8_t *ret) {
        int high = hex_digit(text[0]), low;

        if (high < 0)
                return NULL;

        low = hex_digit(text[1]);
        *ret = (uint8_t) (low < 0 ? high : high * 16 + low);
        return text + (low < 0 ? 1 : 2);
}

static bool octets_parse(const char *text, MacAddress *mac) {
        char separator = '\0';

        for (size_t i = 0; i < sizeof(mac->bytes); i++) {
                if (i == 1)
                        separator = *text == '-' ? '-' : ':';
                if (i > 0 && *text++ != separator)
                        return false;

                text = octet_parse(text, &mac->bytes[i]);
                if (!text)
                        return false;
        }
        return *text == '\0';
}

int mac_parse(const char *text, MacAddress *ret) {
        MacAddress mac;
        uint8_t hardware_type;

        if (!octets_parse(text, &mac)) {
                text = octet_parse(text, &hardware_type);
                if (!text || *text != '-' || !octets_parse(text + 1, &mac))
                        return -EINVAL;
        }

        *ret = mac;
        return 0;
}

const char *mac_format(const MacAddress *mac, char buffer[static MAC_TEXT_MAX]) {
        const uint8_t *b = mac->bytes;

        (void) snprintf(buffer, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
                        b[5]);
        return buffer;
}
