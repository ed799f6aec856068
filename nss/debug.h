/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A line on standard error about a lookup, for LIBVIRT_NSS_DEBUG.
 */

#include <stdint.h>

typedef struct DebugLine {
        const char *module, *function;
        const char *name;       /* what was looked up; NULL: the address */
        const uint8_t *address;
        int family;
        unsigned way;           /* a Way; 0: none was needed */
        int result;             /* as of status_report() */
        uint64_t usec;          /* how long it took */
} DebugLine;

/* Allocates nothing, and raises no signal.  May change errno. */
void debug_print(const DebugLine *line);
