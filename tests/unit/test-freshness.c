/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When a reading of the lease directory is out of date, and when its stat signature proves that it isn't:
 * every case, without a file or a clock.
 */

#include <errno.h>

#include "service/freshness.h"
#include "unit.h"
#include "util/util.h"

#define TICK 4000U
#define WINDOW 20000U /* five ticks */
#define SECOND INT64_C(1000000)

/* A directory that was changed at second 100 and some ns. */
static StatSignature signature_of(int64_t nsec) {
        return (StatSignature) {
                .device = 1, .inode = 2,
                .mtime_sec = 100, .mtime_nsec = nsec, .ctime_sec = 100, .ctime_nsec = nsec,
        };
}

/* ---- stale ---- */

static const struct StaleRow {
        const char *what;
        int read_error;
        bool dirty, watched;
        int error;
        bool same; /* the signature */
        bool stale;
} stale_rows[] = {
        { "nothing happened", 0, false, true, 0, true, false },
        { "an event told of a change", 0, true, true, 0, true, true },
        { "the signature changed, and its event isn't here yet", 0, false, true, 0, false, true },
        { "nobody watches, and a second change may have left the signature as it was", 0, false, false, 0,
          true, true },
        { "the directory is gone", 0, false, true, -ENOENT, true, true },
        { "the directory can't be reached any more", 0, false, true, -EACCES, true, true },
        { "the directory is still absent", -ENOENT, false, true, -ENOENT, true, false },
        { "the directory is still absent, and nobody watches", -ENOENT, false, false, -ENOENT, true, false },
        { "the directory has come", -ENOENT, false, true, 0, false, true },
        { "the directory is absent for another reason", -ENOENT, false, true, -EACCES, true, true },
        { "the directory is absent, but an event told of a change", -ENOENT, true, true, -ENOENT, true,
          true },
};

START_TEST(test_stale) {
        const struct StaleRow *row = stale_rows + _i;
        Reading reading = { .error = row->read_error, .signature = signature_of(5) };
        StatSignature now = signature_of(row->same ? 5 : 6);

        ck_assert_msg(reading_is_stale(&reading, row->dirty, row->watched, row->error, &now) == row->stale,
                        "%s",
                        row->what);
}
END_TEST

/* ---- settled ---- */

static const struct SettledRow {
        const char *what;
        int64_t now_usec;     /* since the change */
        int64_t started_usec; /* when the reading started; the signature was seen then */
        bool watched;
        bool settled;
        uint64_t usec;
} settled_rows[] = {
        { "the window is over", WINDOW, 1, true, true, 0 },
        { "the window ends in 1 µs", WINDOW - 1, 1, true, false, 1 },
        { "the change was just now", 0, 0, true, false, WINDOW },
        { "unwatched, read after the window", 3 * WINDOW, WINDOW, false, true, 0 },
        { "unwatched, read within the window", 3 * WINDOW, WINDOW - 1, false, false, 0 },
        { "the change is in the future, seen just now", -SECOND, -SECOND, true, false, WINDOW },
        { "the change is in the future, seen long ago", -SECOND, -SECOND - WINDOW, true, true, 0 },
};

START_TEST(test_settled) {
        const struct SettledRow *row = settled_rows + _i;
        Reading reading = {
                .signature = signature_of(1000),
                .signature_usec = (uint64_t) (1000 * SECOND + row->started_usec),
                .started = { 100 * SECOND + 1 + row->started_usec,
                (uint64_t) (1000 * SECOND + row->started_usec) },
        };
        Instant now = { 100 * SECOND + 1 + row->now_usec, (uint64_t) (1000 * SECOND + row->now_usec) };
        uint64_t usec;

        ck_assert_msg(reading_is_settled(&reading, row->watched, now, TICK, &usec) == row->settled, "%s",
                        row->what);
        ck_assert_msg(usec == row->usec, "%s: %ju", row->what, (uintmax_t) usec);
}
END_TEST

START_TEST(test_window) {
        const StatSignature whole_seconds = signature_of(0), none = { 0 };

        ck_assert_uint_eq(racy_window_usec(&none, 1000), 20000);
        ck_assert_uint_eq(racy_window_usec(&none, 10000), 50000);
        ck_assert_uint_gt(racy_window_usec(&whole_seconds, TICK), SECOND);
}
END_TEST

START_TEST(test_retry) {
        ck_assert_uint_eq(retry_pause_usec(1), 100000);
        ck_assert_uint_eq(retry_pause_usec(2), 200000);
        ck_assert_uint_eq(retry_pause_usec(1000), retry_pause_usec(10));
        ck_assert_uint_le(retry_pause_usec(1000), 60 * SECOND);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("freshness");

        tcase_add_loop_test(tests, test_stale, 0, ELEMENTS(stale_rows));
        tcase_add_loop_test(tests, test_settled, 0, ELEMENTS(settled_rows));
        tcase_add_test(tests, test_window);
        tcase_add_test(tests, test_retry);
        return unit_run("freshness", tests);
}
