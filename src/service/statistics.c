/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service's counters.
 */

#include "service/statistics.h"

const char *statistics_key(StatisticsCounter counter) {
        static const char *const keys[_STATISTICS_MAX] = {
                [STATISTICS_FOUND] = "lookups-found",
                [STATISTICS_NO_NAME] = "lookups-no-such-name",
                [STATISTICS_NO_DATA] = "lookups-no-data",
                [STATISTICS_REFUSED] = "lookups-refused",
                [STATISTICS_UNAVAILABLE] = "lookups-unavailable",
                [STATISTICS_WAITS_ANSWERED] = "waits-answered",
                [STATISTICS_WAITS_TIMED_OUT] = "waits-timed-out",
                [STATISTICS_WAITS_GONE] = "waits-abandoned",
                [STATISTICS_READINGS] = "readings",
                [STATISTICS_PARSED] = "documents-parsed",
                [STATISTICS_PUBLICATIONS] = "publications",
                [STATISTICS_LIMITED] = "calls-limited",
#if HAVE_HOOK
                [STATISTICS_HOOK_FOUND] = "hook-lookups-found",
                [STATISTICS_HOOK_PASSED] = "hook-lookups-passed-on",
#endif
        };

        return keys[counter];
}
