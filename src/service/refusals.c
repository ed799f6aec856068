/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Logs refused hostnames.
 */

#include "service/refusals.h"

#include <inttypes.h>
#include <string.h>

#include "service/changes.h"
#include "service/log.h"
#include "util/limits.h"

static bool refusal_equal(const CatalogBinding *a, const CatalogBinding *b) {
        return a->verdict == b->verdict && strcmp(a->binding->hostname, b->binding->hostname) == 0;
}

static void on_change(ChangeType type, const Catalog *catalog, const CatalogBinding *l,
                const CatalogBinding *was, void *userdata) {
        char address[ADDRESS_TEXT_MAX];
        Refusals *refusals = userdata;

        if (type == CHANGE_REMOVED || l->verdict == NAME_GOOD || (was && refusal_equal(was, l)))
                return;
        if (refusals->n++ < REFUSALS_LOGGED_MAX)
                log_info("The hostname of the lease of %s on %s is refused: %s.",
                                address_format(&l->binding->address, address),
                                catalog->networks[l->network].interface, name_verdict_reason(l->verdict));
}

bool refusals_log(Refusals *refusals, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time) {
        /* Silent on -ENOMEM: sending the signals fails the same way, and logs it. */
        (void) catalog_compare(SOURCE_LEASE, before, before_time, after, after_time, on_change, refusals);
        return refusals->n > 0;
}

void refusals_end(Refusals *refusals) {
        if (refusals->n > REFUSALS_LOGGED_MAX)
                log_info("%zu more hostnames were refused in the last %" PRIu64 " minutes.",
                                refusals->n - REFUSALS_LOGGED_MAX, REFUSALS_USEC / 60000000);
        refusals->n = 0;
}
