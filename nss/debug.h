/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Prints a line about a lookup on standard error, for LIBVIRT_NSS_DEBUG.
 */

#include <stdint.h>

typedef struct DebugLine {
        const char *module, *function;
        const char *name; /* the question; NULL: the address */
        const uint8_t *address;
        int family;
        unsigned backend; /* the last Backend used; 0: none */
        int result;       /* as of status_report() */
        uint64_t usec;    /* how long it took */
} DebugLine;

/* Allocates no memory, raises no signal.  May change errno. */
void debug_print(const DebugLine *line);
