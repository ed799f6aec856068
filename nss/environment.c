/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The modules' environment variables.
 *
 * Every lookup reads them, as the modules keep no state, so one pass finds both, and is cheaper than
 * secure_getenv() for one.
 */

#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "environment.h"

#define PREFIX "LIBVIRT_NSS_"

/* LIBVIRT_NSS_BACKEND is for tests, and for the service itself, whose lookups must not wait for the service
 * ("none"). */
static unsigned parse_backends(const char *value) {
        if (strcmp(value, "index") == 0)
                return BACKEND_INDEX;
        if (strcmp(value, "bus") == 0)
                return BACKEND_BUS;
        if (strcmp(value, "none") == 0)
                return 0;
        return BACKEND_INDEX | BACKEND_BUS;
}

static void take(Environment *e, const char *variable) {
        static const char backend[] = "BACKEND=", debug[] = "DEBUG=";

        if (strncmp(variable, backend, strlen(backend)) == 0)
                e->backends = parse_backends(variable + strlen(backend));
        else if (strncmp(variable, debug, strlen(debug)) == 0)
                e->debug = true;
}

/* Comparing the first letters saves nearly all calls of strncmp(). */
static bool is_ours(const char *variable) {
        return variable[0] == PREFIX[0] && variable[1] == PREFIX[1] && variable[2] == PREFIX[2] &&
               strncmp(variable, PREFIX, strlen(PREFIX)) == 0;
}

Environment environment_read(void) {
        Environment e = { .backends = BACKEND_INDEX | BACKEND_BUS };

        for (char **variable = environ; variable && *variable; variable++)
                if (is_ours(*variable) && !getauxval(AT_SECURE))
                        take(&e, *variable + strlen(PREFIX));
        return e;
}
