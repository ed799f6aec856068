/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The choice of a bus.
 */

#include "util/bus-address.h"

#include <stdbool.h>
#include <string.h>

static bool has_prefix(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

const char *bus_address_choose(const char *value) {
        if (value && (has_prefix(value, "unix:path=") || has_prefix(value, "unix:abstract=")) &&
                        !strchr(value, ';'))
                return value;
        return BUS_ADDRESS_DEFAULT;
}
