/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Selects the leases that the user wants.
 */

#include "cli/lease-filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "names/name.h"

bool lease_is_on(const json_t *lease, const char *interface) {
        int64_t ifindex = json_number(lease, "ifindex");
        char index[24];

        if (!interface)
                return true;
        (void) snprintf(index, sizeof(index), "%" PRIi64, ifindex);
        return strcmp(json_text(lease, "interface") ?: "", interface) == 0 ||
               (ifindex > 0 && strcmp(index, interface) == 0);
}

bool lease_has_name(const json_t *lease, const char *name) {
        const json_t *other;
        size_t i;

        if (name_equal(json_text(lease, "hostname") ?: "", name) ||
                        name_equal(json_text(lease, "domain") ?: "", name))
                return true;
        json_array_foreach(json_object_get(lease, "names"), i, other)
                if (name_equal(json_string_value(other), name))
                        return true;
        return false;
}
