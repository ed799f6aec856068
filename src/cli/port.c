/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A TCP port of a guest.
 */

#include "cli/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SSH_PORT 22

int port_parse_number(const char *text, uint16_t *ret) {
        unsigned long n;
        char *end;

        if (text[0] < '0' || text[0] > '9')
                return -EINVAL;
        errno = 0;
        n = strtoul(text, &end, 10);
        if (errno != 0 || *end != '\0' || n < 1 || n > UINT16_MAX)
                return -EINVAL;
        *ret = (uint16_t) n;
        return 0;
}

int port_parse(const char *text, Port *ret) {
        static const char prefix[] = "port:";
        uint16_t number;
        int r;

        if (strcmp(text, "ssh") == 0) {
                *ret = (Port) { .number = SSH_PORT, .ssh = true };
                return 0;
        }
        if (strncmp(text, prefix, strlen(prefix)) != 0)
                return -EINVAL;
        r = port_parse_number(text + strlen(prefix), &number);
        if (r < 0)
                return r;
        *ret = (Port) { .number = number };
        return 0;
}
