/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is done for a name, as the server's answers come.
 */

#include <check.h>
#include <string.h>

#include "ddns/entries.h"

static Entries entries;
static Entry *batch[DDNS_BATCH_MAX];
static EntryTimes times;

static void setup(void) {
        entries = (Entries){ 0 };
        times = (EntryTimes){
                .now = 1000,
                .remove_delay = 100,
                .conflict_delay = 500,
                .conflict_delay_max = 2000,
        };
}

static void teardown(void) {
        entries_done(&entries);
}

static json_t *wanted(int n, const char *address) {
        json_t *object = json_object();

        for (int i = 0; i < n; i++) {
                char owner[32];

                (void) snprintf(owner, sizeof(owner), "web%02i.lab.test", i);
                ck_assert_int_eq(json_object_set_new(object, owner,
                                                 json_pack("{s:i, s:s, s:s, s:[s]}", "zone", 0, "mac",
                                                                 "52:54:00:00:00:01", "name", owner,
                                                                 "records", address)),
                                0);
        }
        return object;
}

static void update(int n, const char *address, bool recheck) {
        json_t *object = wanted(n, address);

        ck_assert_int_eq(entries_update(&entries, object, recheck, &times), 0);
        json_decref(object);
}

/* What is due now goes with one step, or nothing is due if n is 0. */
static void choose(size_t n, Step step) {
        uint64_t due;

        ck_assert_uint_eq(entries_choose(&entries, times.now, batch, &due), n);
        if (n > 0)
                ck_assert_int_eq(entry_step(batch[0]), step);
}

static void unmet(size_t n, Step step) {
        choose(n, step);
        entries_note_unmet(batch, n, &times);
        entries_sweep(&entries);
}

static void done(size_t n, Step step) {
        choose(n, step);
        entries_note_done(batch, n);
        entries_sweep(&entries);
}

START_TEST(test_new_guest_is_created) {
        update(1, "A 192.0.2.1", true);
        done(1, STEP_CREATE);
        choose(0, STEP_CHECK);
        update(1, "A 192.0.2.1", false);
        choose(0, STEP_CHECK);
        update(1, "A 192.0.2.2", false);
        done(1, STEP_REPLACE_OWN);
}
END_TEST

START_TEST(test_guest_that_moved_is_taken_over) {
        update(1, "A 192.0.2.1", true);
        unmet(1, STEP_CREATE);
        done(1, STEP_TAKE_OVER);
        choose(0, STEP_CHECK);
}
END_TEST

/* A comparison finds that another host has the name. */
static void find_elsewhere(void) {
        update(1, "A 192.0.2.1", true);
        done(1, STEP_CREATE);
        entries_check_all(&entries, &times);
        unmet(1, STEP_CHECK);
        unmet(1, STEP_REPLACE_OWN);
        unmet(1, STEP_CREATE);
        unmet(1, STEP_REPAIR);
}

START_TEST(test_guest_that_left_is_not_taken_back) {
        find_elsewhere();
        unmet(1, STEP_TAKE_BACK);
        choose(0, STEP_CHECK);
        ck_assert_uint_eq(entries_count(&entries, ENTRY_CONFLICT), 1);
        times.now += 500;
        choose(1, STEP_REPLACE_OWN);
}
END_TEST

/* It was on another host, and came back, while this daemon didn't notice. */
START_TEST(test_guest_that_left_the_other_host_is_taken_back) {
        find_elsewhere();
        done(1, STEP_TAKE_BACK);
        choose(0, STEP_CHECK);
        ck_assert_uint_eq(entries_count(&entries, ENTRY_SETTLED), 1);
}
END_TEST

/* It went, and came back before it was removed. */
START_TEST(test_guest_that_comes_back_is_taken_over) {
        update(1, "A 192.0.2.1", true);
        done(1, STEP_CREATE);
        entries.entries[0]->recorded = true;
        update(0, NULL, false);
        done(1, STEP_LEAVE);
        choose(0, STEP_CHECK);
        update(1, "A 192.0.2.1", false);
        unmet(1, STEP_REPLACE_OWN);
        unmet(1, STEP_CREATE);
        done(1, STEP_TAKE_OVER);
}
END_TEST

START_TEST(test_conflict) {
        update(1, "A 192.0.2.1", true);
        unmet(1, STEP_CREATE);
        unmet(1, STEP_TAKE_OVER);
        unmet(1, STEP_REPLACE_OWN);
        ck_assert_uint_eq(entries_count(&entries, ENTRY_CONFLICT), 1);
        choose(0, STEP_CHECK);
        times.now += 500;
        done(1, STEP_CREATE);
        ck_assert_uint_eq(entries_count(&entries, ENTRY_CONFLICT), 0);
}
END_TEST

static void conflict(uint64_t pause) {
        uint64_t due;

        unmet(1, STEP_CREATE);
        unmet(1, STEP_TAKE_OVER);
        unmet(1, STEP_REPLACE_OWN);
        ck_assert_uint_eq(entries_choose(&entries, times.now, batch, &due), 0);
        ck_assert_uint_eq(due, times.now + pause);
        times.now = due;
}

/* A name that many hosts have, for years: they mustn't ask every minute. */
START_TEST(test_conflict_is_looked_at_less_and_less) {
        update(1, "A 192.0.2.1", true);
        conflict(500);
        conflict(1000);
        conflict(2000);
        conflict(2000);
        update(1, "A 192.0.2.2", false);
        conflict(500);
        done(1, STEP_CREATE);
        update(1, "A 192.0.2.3", false);
        done(1, STEP_REPLACE_OWN);
}
END_TEST

/* As many as the state file may have.  Sorted after each one, that takes minutes. */
START_TEST(test_many_names_of_the_state_file) {
        for (unsigned i = 0; i < DDNS_NAMES_MAX; i++) {
                char owner[32];

                (void) snprintf(owner, sizeof(owner), "web%06u.lab.test", i);
                ck_assert_int_eq(entries_add_recorded(&entries, owner, 0), 0);
        }
        ck_assert_int_eq(entries_add_recorded(&entries, "a.lab.test", 0), 0);
        ck_assert_str_eq(entries.entries[0]->owner, "a.lab.test");
        ck_assert_str_eq(entries.entries[DDNS_NAMES_MAX]->owner, "web065535.lab.test");
}
END_TEST

START_TEST(test_guest_that_is_gone_stays_a_while) {
        update(1, "A 192.0.2.1", true);
        entries.entries[0]->recorded = true;
        done(1, STEP_CREATE);
        update(0, NULL, false);
        done(1, STEP_LEAVE);
        choose(0, STEP_CHECK);
        times.now += 100;
        done(1, STEP_REMOVE);
        ck_assert_uint_eq(entries.n, 0);
}
END_TEST

START_TEST(test_without_a_delay_a_name_is_removed_at_once) {
        times.remove_delay = 0;
        update(1, "A 192.0.2.1", true);
        entries.entries[0]->recorded = true;
        done(1, STEP_CREATE);
        update(0, NULL, false);
        done(1, STEP_REMOVE);
        ck_assert_uint_eq(entries.n, 0);
}
END_TEST

START_TEST(test_name_of_another_host_is_not_removed) {
        update(1, "A 192.0.2.1", true);
        entries.entries[0]->recorded = true;
        done(1, STEP_CREATE);
        update(0, NULL, false);
        unmet(1, STEP_LEAVE);
        ck_assert_uint_eq(entries.n, 0);
        ck_assert_int_eq(entries_add_recorded(&entries, "web00.lab.test", 0), 0);
        update(0, NULL, true);
        done(1, STEP_LEAVE);
        times.now += 100;
        unmet(1, STEP_REMOVE);
        ck_assert_uint_eq(entries.n, 0);
}
END_TEST

START_TEST(test_upsert_only) {
        times.upsert_only = true;
        update(1, "A 192.0.2.1", true);
        entries.entries[0]->recorded = true;
        done(1, STEP_CREATE);
        update(0, NULL, false);
        done(1, STEP_LEAVE);
        times.now += 1000000;
        choose(0, STEP_CHECK);
        entries_sweep(&entries);
        ck_assert_uint_eq(entries.n, 1);
}
END_TEST

START_TEST(test_restart) {
        ck_assert_int_eq(entries_add_recorded(&entries, "web00.lab.test", 0), 0);
        ck_assert_int_eq(entries_add_recorded(&entries, "web01.lab.test", 0), 0);
        update(1, "A 192.0.2.1", true);
        done(1, STEP_CHECK);
        done(1, STEP_LEAVE);
        times.now += 100;
        done(1, STEP_REMOVE);
        ck_assert_uint_eq(entries.n, 1);
}
END_TEST

/* The zone lost all: three messages for fifty names. */
START_TEST(test_batch_goes_on_together) {
        update(60, "A 192.0.2.1", true);
        done(50, STEP_CREATE);
        done(10, STEP_CREATE);
        entries_check_all(&entries, &times);
        unmet(50, STEP_CHECK);
        unmet(50, STEP_REPLACE_OWN);
        done(50, STEP_CREATE);
        unmet(10, STEP_CHECK);
        unmet(10, STEP_REPLACE_OWN);
        done(10, STEP_CREATE);
        choose(0, STEP_CHECK);
}
END_TEST

/* One name of a batch can't be had: the others get theirs. */
START_TEST(test_batch_is_parted) {
        unsigned messages = 0;
        uint64_t due;
        size_t n;

        update(50, "A 192.0.2.1", true);
        while ((n = entries_choose(&entries, times.now, batch, &due)) > 0) {
                bool odd = false;

                for (size_t i = 0; i < n; i++)
                        odd = odd || strcmp(batch[i]->owner, "web17.lab.test") == 0;
                if (odd || entry_step(batch[0]) != STEP_CREATE)
                        entries_note_unmet(batch, n, &times);
                else
                        entries_note_done(batch, n);
                ck_assert_uint_lt(++messages, 60);
        }
        ck_assert_uint_eq(entries_count(&entries, ENTRY_SETTLED), 49);
        ck_assert_uint_eq(entries_count(&entries, ENTRY_CONFLICT), 1);
}
END_TEST

START_TEST(test_refused_names_wait_behind_others) {
        update(2, "A 192.0.2.1", true);
        choose(2, STEP_CREATE);
        entries_note_refused(batch, 2, times.now + 10);
        choose(0, STEP_CHECK);
        times.now += 10;
        choose(1, STEP_CREATE);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("ddns-entries");
        TCase *cases = tcase_create("entries");
        SRunner *runner;
        int failed;

        tcase_add_checked_fixture(cases, setup, teardown);
        tcase_add_test(cases, test_new_guest_is_created);
        tcase_add_test(cases, test_guest_that_moved_is_taken_over);
        tcase_add_test(cases, test_guest_that_left_is_not_taken_back);
        tcase_add_test(cases, test_guest_that_left_the_other_host_is_taken_back);
        tcase_add_test(cases, test_guest_that_comes_back_is_taken_over);
        tcase_add_test(cases, test_conflict);
        tcase_add_test(cases, test_conflict_is_looked_at_less_and_less);
        tcase_add_test(cases, test_many_names_of_the_state_file);
        tcase_add_test(cases, test_guest_that_is_gone_stays_a_while);
        tcase_add_test(cases, test_without_a_delay_a_name_is_removed_at_once);
        tcase_add_test(cases, test_name_of_another_host_is_not_removed);
        tcase_add_test(cases, test_upsert_only);
        tcase_add_test(cases, test_restart);
        tcase_add_test(cases, test_batch_goes_on_together);
        tcase_add_test(cases, test_batch_is_parted);
        tcase_add_test(cases, test_refused_names_wait_behind_others);
        suite_add_tcase(suite, cases);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed > 0;
}
