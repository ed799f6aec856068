/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/freshness.h"

#include <string.h>

#include "util/util.h"

#define RACY_USEC UINT64_C(20000)
#define RACY_TICKS 5U

/* For a file system that only has whole seconds. */
#define RACY_WHOLE_SECONDS_USEC UINT64_C(1100000)

/* From 0.1 s to a minute. */
#define RETRY_FIRST_USEC UINT64_C(100000)
#define RETRY_DOUBLINGS 9U

bool reading_is_stale(const Reading *reading, bool dirty, bool watched, int error, const StatSignature *now) {
        if (dirty || !FRESHNESS_CHECK(STEP_STAT))
                return dirty;
        if (reading->error < 0 || error < 0)
                return reading->error != error;
        /* A second change in the same tick doesn't change the signature. */
        return !watched || memcmp(now, &reading->signature, sizeof(*now)) != 0;
}

uint64_t racy_window_usec(const StatSignature *signature, uint64_t tick_usec) {
        if (!FRESHNESS_CHECK(STEP_QUIET))
                return 0;
        if (signature->inode != 0 && signature->mtime_nsec == 0 && signature->ctime_nsec == 0)
                return RACY_WHOLE_SECONDS_USEC;
        return MAX2(RACY_USEC, RACY_TICKS * tick_usec);
}

static int64_t signature_newest_usec(const StatSignature *s) {
        return MAX2(s->mtime_sec * 1000000 + s->mtime_nsec / 1000,
                        s->ctime_sec * 1000000 + s->ctime_nsec / 1000);
}

/* For how many µs from at a second change may hide behind the signature.  If the signature's times are in the
 * future (the clock was set back), its age counts from when it was first seen. */
static uint64_t reading_racy_usec(const Reading *reading, Instant at, uint64_t tick_usec) {
        uint64_t window = racy_window_usec(&reading->signature, tick_usec);
        int64_t age = at.realtime - signature_newest_usec(&reading->signature);

        if (age < 0)
                age = (int64_t) (at.monotonic - reading->signature_usec);
        return (uint64_t) age >= window ? 0 : window - (uint64_t) age;
}

bool reading_is_settled(const Reading *reading, bool watched, Instant now, uint64_t tick_usec,
                uint64_t *ret_usec) {
        *ret_usec = reading_racy_usec(reading, now, tick_usec);
        /* Without a watch nothing reports a second change during the reading: the racy window must have ended
         * before. */
        return *ret_usec == 0 && (watched || reading_racy_usec(reading, reading->started, tick_usec) == 0);
}

uint64_t retry_pause_usec(unsigned n_readings) {
        return RETRY_FIRST_USEC << MIN2(n_readings - 1, RETRY_DOUBLINGS);
}
