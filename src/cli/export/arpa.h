/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The reverse DNS name of an address.
 */

/* 32 digits, each with a dot, "ip6.arpa". */
#define ARPA_SIZE (64 + sizeof("ip6.arpa"))

/* "7.122.168.192.in-addr.arpa" for "192.168.122.7", or the same for IPv6.  Returns buffer; "" if text isn't
 * an address. */
const char *arpa_format(const char *text, char buffer[static ARPA_SIZE]);
