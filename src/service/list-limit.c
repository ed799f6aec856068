/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/list-limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "service/clock.h"

/* The times on CLOCK_MONOTONIC, in µs, until which all callers, and the last sender, have used up their
 * share. */
struct ListLimit {
        uint64_t all_until, sender_until;
        char sender[64]; /* of the last listing */
};

int list_limit_new(ListLimit **ret) {
        ListLimit *limit = calloc(1, sizeof(*limit));

        if (!limit)
                return -ENOMEM;
        *ret = limit;
        return 0;
}

int list_limit_check(Manager *m, const char *sender, sd_bus_error *error) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC), n_unsent = 0;
        const ListLimit *limit = m->list_limit;

        (void) sd_bus_get_n_queued_write(m->bus, &n_unsent);
        if (n_unsent <= LIST_UNSENT_MAX && now + LIST_OWED_USEC_MAX >= limit->all_until &&
                        (now + LIST_OWED_USEC_MAX >= limit->sender_until ||
                                        strcmp(sender, limit->sender) != 0))
                return 0;
        m->statistics.counters[STATISTICS_LIMITED]++;
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "Listing so many leases takes long, and was done just now; try again in some "
                        "seconds");
}

/* Adds the cost to earlier ones, so many short listings cost as much as a long one. */
void list_limit_charge(Manager *m, const char *sender, uint64_t started_usec, size_t n) {
        uint64_t took = MIN2(clock_usec(CLOCK_MONOTONIC) - started_usec,
                        LIST_USEC_MAX + n * LIST_ITEM_USEC_MAX);
        ListLimit *limit = m->list_limit;

        if (strcmp(sender, limit->sender) != 0)
                limit->sender_until = 0;
        limit->all_until = MAX2(limit->all_until, started_usec) + 2 * took;
        limit->sender_until = MAX2(limit->sender_until, started_usec) + (1 + LIST_SENDER_FACTOR) * took;
        (void) snprintf(limit->sender, sizeof(limit->sender), "%s", sender);
}

int list_limit_check_size(Manager *m, size_t size, size_t n, const char *things, sd_bus_error *error) {
        if (size <= LIST_SIZE_MAX)
                return 0;
        m->statistics.counters[STATISTICS_LIMITED]++;
        return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "%zu %s are too many for one reply", n,
                        things);
}
