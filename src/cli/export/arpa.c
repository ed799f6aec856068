/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reverse DNS name of an address.
 */

#include "cli/export/arpa.h"

#include <stdio.h>
#include <sys/socket.h>

#include "util/address.h"

const char *arpa_format(const char *text, char buffer[static ARPA_SIZE]) {
        Address address = { 0 };
        const uint8_t *b = address.bytes;
        char *p = buffer;

        buffer[0] = '\0';
        if (address_parse(text, &address) < 0)
                return buffer;
        if (address.family == AF_INET) {
                (void) snprintf(buffer, ARPA_SIZE, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
                return buffer;
        }
        for (int i = 15; i >= 0; i--)
                p += sprintf(p, "%x.%x.", b[i] & 15, b[i] >> 4);
        (void) sprintf(p, "ip6.arpa");
        return buffer;
}
