/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Addresses without a lease that the service answers.
 */

#include "cli/export/seen.h"

#include <stdbool.h>
#include <string.h>

#include "cli/json.h"

static bool is_answered_as_seen(const json_t *address) {
        return strcmp(json_text(address, "source") ?: "", "seen") == 0 &&
               json_is_true(json_object_get(address, "answered"));
}

int seen_append(json_t *leases, const json_t *guests) {
        static const char *const keys[] = { "domain", "mac-address", "interface", "ifindex" };
        const json_t *guest;
        json_t *address;
        size_t i, k;

        json_array_foreach(guests, i, guest)
                json_array_foreach(json_object_get(guest, "addresses"), k, address) {
                        if (!is_answered_as_seen(address))
                                continue;
                        for (size_t n = 0; n < ELEMENTS(keys); n++) {
                                json_t *value = json_object_get(guest, keys[n]);

                                if (value && json_object_set(address, keys[n], value) < 0)
                                        return -ENOMEM;
                        }
                        if (json_array_append(leases, address) < 0)
                                return -ENOMEM;
                }
        return 0;
}
