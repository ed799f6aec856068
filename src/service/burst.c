/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/burst.h"

/* How often the files are read during a long burst: if somebody waits for a change, and if nobody does. */
#define READ_AWAITED_USEC UINT64_C(100000)
#define READ_USEC UINT64_C(500000)

BurstStep burst_step(Burst *b, bool events, bool awaited, uint64_t now_usec) {
        uint64_t started = b->started_usec;

        if (!events) {
                b->started_usec = 0;
                return BURST_OVER;
        }
        if (started > 0 && now_usec - started < (awaited ? READ_AWAITED_USEC : READ_USEC))
                return BURST_GOES_ON;
        b->started_usec = now_usec;
        return started > 0 ? BURST_READ : BURST_GOES_ON;
}
