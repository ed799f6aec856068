/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Configuration files: replaced whole, or not at all.
 */

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/config-file.h"
#include "unit/unit.h"

static char directory[] = "/tmp/libvirt-resolve.XXXXXX";
static char path[sizeof(directory) + 8], backup[sizeof(directory) + 8];

static void make_directory(void) {
        ck_assert_ptr_nonnull(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/file", directory);
        (void) snprintf(backup, sizeof(backup), "%s/backup", directory);
}

static void remove_directory(void) {
        (void) unlink(path);
        (void) unlink(backup);
        ck_assert_int_eq(rmdir(directory), 0); /* nothing else was left in it */
        memset(strrchr(directory, '.') + 1, 'X', 6);
}

static void put(const char *name, const char *text) {
        FILE *file = fopen(name, "we");

        ck_assert_ptr_nonnull(file);
        ck_assert_int_ge(fputs(text, file), 0);
        ck_assert_int_eq(fclose(file), 0);
}

static void expect(const char *name, const char *text) {
        _cleanup_(freep) char *is = NULL;

        ck_assert_int_eq(config_file_read(name, &is), 0);
        ck_assert_str_eq(is, text);
}

START_TEST(a_file_is_replaced) {
        const char *tried = NULL;

        put(path, "one");
        ck_assert_int_eq(config_file_replace(path, "one", "two", &tried), 0);
        expect(path, "two");
}
END_TEST

/* Somebody else wrote it after it was read. */
START_TEST(a_file_that_has_changed_is_left_alone) {
        const char *tried = NULL;

        put(path, "another's");
        ck_assert_int_eq(config_file_replace(path, "one", "two", &tried), -ESTALE);
        ck_assert_ptr_nonnull(tried);
        expect(path, "another's");

        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(config_file_replace(path, "one", "two", &tried), -ENOENT);
}
END_TEST

START_TEST(the_first_backup_is_kept) {
        const char *tried = NULL;

        put(path, "one");
        ck_assert_int_eq(config_file_back_up(path, "one", backup, &tried), 0);
        expect(backup, "one");
        put(path, "two");
        ck_assert_int_eq(config_file_back_up(path, "two", backup, &tried), 0);
        expect(backup, "one");
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("files");

        tcase_add_checked_fixture(tcase, make_directory, remove_directory);
        tcase_add_test(tcase, a_file_is_replaced);
        tcase_add_test(tcase, a_file_that_has_changed_is_left_alone);
        tcase_add_test(tcase, the_first_backup_is_kept);
        return unit_run("config-file", tcase);
}
