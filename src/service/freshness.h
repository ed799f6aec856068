/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The steps that exact freshness rests on.  The tests build the service once
 * without each of them (TEST_WITHOUT), and see that it is missed.
 */

enum {
        STEP_QUIET = 1, /* publish only when the directory has been quiet */
        STEP_BARRIER,   /* list the directory between its stamps and its events */
        STEP_DRAIN,     /* take in the events in every method */
        STEP_STAT,      /* see in every method where the directory's path leads */
};

#ifdef TEST_WITHOUT
#define FRESHNESS_CHECK(step) ((step) != TEST_WITHOUT)
#else
#define FRESHNESS_CHECK(step) true
#endif
