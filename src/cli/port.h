/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A TCP port of a guest, and the answer expected there.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct Port {
        uint16_t number; /* 0: none */
        bool ssh;        /* it must send "SSH-"; else accepting a connection is enough */
} Port;

/* Reads a number from 1 to 65535.  Returns 0, or -EINVAL and leaves *ret alone. */
int port_parse_number(const char *text, uint16_t *ret);

/* Reads "ssh" or "port:N".  Returns as port_parse_number(). */
int port_parse(const char *text, Port *ret);
