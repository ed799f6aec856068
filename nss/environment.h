/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The modules' environment variables.  Programs with raised privileges ignore them.
 */

#include <stdbool.h>

/* The backends, or'ed. */
typedef enum Backend {
        BACKEND_INDEX = 1 << 0, /* the published index */
        BACKEND_BUS = 1 << 1,   /* the service, on the bus */
} Backend;

typedef struct Environment {
        unsigned backends; /* those that may be used */
        bool debug;        /* report each lookup on standard error */
} Environment;

/* Reads LIBVIRT_NSS_BACKEND and LIBVIRT_NSS_DEBUG. */
Environment environment_read(void);
