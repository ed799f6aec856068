/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the environment asks of the modules.  Programs with raised privileges ignore it.
 */

#include <stdbool.h>

/* The ways to the names of guests, or'ed. */
typedef enum Way {
        WAY_INDEX = 1 << 0, /* the published index */
        WAY_BUS = 1 << 1,   /* the service, on the bus */
} Way;

typedef struct Environment {
        unsigned ways; /* those that may be taken */
        bool debug;    /* each lookup is reported on standard error */
} Environment;

/* Reads LIBVIRT_NSS_BACKEND and LIBVIRT_NSS_DEBUG. */
Environment environment_read(void);
