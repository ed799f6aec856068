/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of the CLI that need no bus: columns, times, JSON text, the command line.
 */

#include <check.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/ellipsis.h"
#include "cli/json.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/timestamp.h"
#include "util/span.h"
#include "unit/unit.h"
#include "util/util.h"

/* ---- columns ---- */

static const struct {
        const char *text;
        size_t columns;
        const char *cut;
} cuts[] = {
        { "", 1, "" },
        { "a", 1, "a" },
        { "ab", 1, "…" },
        { "abc", 3, "abc" },
        { "abcd", 3, "ab…" },
        { "日本", 4, "日本" },
        { "日本語", 4, "日…" },                 /* two columns each: one remains free */
        { "日本語", 5, "日本…" },
        { "e\u0301e\u0301", 2, "e\u0301e\u0301" },  /* combining: no column of its own */
        { "e\u0301e\u0301e\u0301", 2, "e\u0301…" },
        { "\xff\xff\xff", 2, "\xff…" },
        { "ab\xe6", 2, "a…" },                   /* the end within a character */
};

START_TEST(text_is_cut_to_columns) {
        _cleanup_(freep) char *cut = NULL;

        ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
        cut = text_ellipsize(cuts[_i].text, cuts[_i].columns);
        ck_assert_str_eq(cut, cuts[_i].cut);
        ck_assert_uint_le(text_columns(cut), cuts[_i].columns);
}
END_TEST

/* ---- times ---- */

static const struct {
        uint64_t seconds;
        const char *text;
} spans[] = {
        { 0, "0s" },
        { 59, "59s" },
        { 60, "1min" },
        { 61, "1min 1s" },
        { 3599, "59min 59s" },
        { 3600, "1h" },
        { 3659, "1h" },
        { 3660, "1h 1min" },
        { 86399, "23h 59min" },
        { 86400, "1d" },
        { 90000, "1d 1h" },
        { 8640000, "100d" },
        { UINT64_MAX, "213503982334601d 7h" },
};

START_TEST(a_span_is_its_two_largest_units) {
        char buffer[SPAN_TEXT_MAX];

        ck_assert_str_eq(span_format(spans[_i].seconds, buffer), spans[_i].text);
}
END_TEST

START_TEST(an_expiry_is_what_is_left) {
        char buffer[SPAN_TEXT_MAX];

        ck_assert_str_eq(span_format_expiry(0, 1000, buffer), "never");
        ck_assert_str_eq(span_format_expiry(1042999999, 1000999999, buffer), "42s");
        ck_assert_str_eq(span_format_expiry(1000, 1000, buffer), "0s");
        ck_assert_str_eq(span_format_expiry(900, 1000, buffer), "0s");
        ck_assert_str_eq(span_format_expiry(-5, 1000, buffer), "0s");
        ck_assert_str_eq(span_format_expiry(INT64_MAX, 0, buffer), "106751991d 4h");
}
END_TEST

START_TEST(a_time_that_has_passed_is_ago) {
        char buffer[SPAN_TEXT_MAX];

        ck_assert_str_eq(span_format_ago(0, 1000, buffer), "never");
        ck_assert_str_eq(span_format_ago(1000000, 1000000 + UINT64_C(86400000000), buffer), "1d ago");
        ck_assert_str_eq(span_format_ago(1000000, 131999999, buffer), "2min 10s ago");
        ck_assert_str_eq(span_format_ago(2000000, 1000000, buffer), "0s ago");
        ck_assert_str_eq(span_format_ago(-1, 1000000, buffer), "long ago");
}
END_TEST

START_TEST(a_point_of_time_is_local) {
        char buffer[TIMESTAMP_TEXT_MAX];

        setenv("TZ", "UTC-1", true);
        tzset();
        ck_assert_str_eq(timestamp_format(INT64_C(1795000000999999), buffer), "2026-11-18 12:06:40");
        ck_assert_str_eq(timestamp_format(0, buffer), "never");
}
END_TEST

static const struct {
        const char *text;
        uint64_t usec;
} times[] = {
        { "0", 0 },
        { "30", 30000000 },
        { "30s", 30000000 },
        { "500ms", 500000 },
        { "5min", 300000000 },
        { "2h", UINT64_C(7200000000) },
        { "1d", UINT64_C(86400000000) },
        { "999999999d", UINT64_C(999999999) * 86400 * 1000000 },
        { "infinity", UINT64_MAX },
};

START_TEST(a_time_is_read) {
        uint64_t usec;

        ck_assert_int_eq(span_parse(times[_i].text, &usec), 0);
        ck_assert_uint_eq(usec, times[_i].usec);
}
END_TEST

static const char *const bad_times[] = { "", "s", "-1", "+1", " 1", "1 s", "1m", "1.5", "1sec", "1000000000",
                "0x10", "inf" };

START_TEST(a_bad_time_is_refused) {
        uint64_t usec = 42;

        ck_assert_int_eq(span_parse(bad_times[_i], &usec), -EINVAL);
        ck_assert_uint_eq(usec, 42);
}
END_TEST

/* ---- JSON ---- */

static const struct {
        const char *text, *dump;
} strings[] = {
        { "web1", "\"web1\"" },
        { "h\303\266st", "\"h\303\266st\"" },
        { "\033[31m", "\"\\u001B[31m\"" },
        { "\177", "\"\\u007F\"" },
        { "\302\200\302\237\302\240", "\"\\u0080\\u009F\302\240\"" },
        { "a\"b\\c", "\"a\\\"b\\\\c\"" },
        { "\377x", "\"\\\\xffx\"" },
};

START_TEST(json_strings_are_safe) {
        _cleanup_(json_decrefp) json_t *value = json_pack("[o]", json_from_text(strings[_i].text));
        _cleanup_(freep) char *dump = NULL;
        char expected[80];
        size_t size;
        FILE *file;

        ck_assert_ptr_nonnull(value);
        file = open_memstream(&dump, &size);
        ck_assert_int_eq(json_print(file, value, JSON_SHORT), 0);
        fclose(file);
        snprintf(expected, sizeof(expected), "[%s]\n", strings[_i].dump);
        ck_assert_str_eq(dump, expected);
}
END_TEST

/* ---- the command line ---- */

/* Parses with standard error thrown away. */
static int parse(char **argv, Options *ret) {
        int argc = 0, saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

        while (argv[argc])
                argc++;
        dup2(null, STDERR_FILENO);
        r = options_parse(argc, argv, ret);
        fflush(stderr);
        dup2(saved, STDERR_FILENO);
        close(saved);
        close(null);
        return r;
}

#define ARGV(...) ((char *[]) { (char *) "libvirt-resolve", __VA_ARGS__, NULL })

START_TEST(options_stand_anywhere) {
        char verb[] = "query", four[] = "-4", name[] = "web1", json[] = "--json=short", other[] = "-x";
        Options o;

        ck_assert_int_eq(parse(ARGV(four, verb, name, json), &o), 0);
        ck_assert_str_eq(o.verb, "query");
        ck_assert_int_eq(o.n_arguments, 1);
        ck_assert_str_eq(o.arguments[0], "web1");
        ck_assert_int_eq(o.family, AF_INET);
        ck_assert_int_eq(o.json, JSON_SHORT);
        ck_assert_uint_eq(o.given, OPTION_FAMILY | OPTION_JSON);
        ck_assert(o.legend && o.pager && !o.help && !o.version);

        char end[] = "--";
        ck_assert_int_eq(parse(ARGV(verb, end, other), &o), 0);
        ck_assert_str_eq(o.arguments[0], "-x");
}
END_TEST

/* With export it is Ansible's, as Ansible gives it. */
START_TEST(host_is_another_one_except_in_an_inventory) {
        char query[] = "query", export[] = "export", host[] = "--host=kvm1", remote[] = "-Hroot@kvm2";
        Options o;

        ck_assert_int_eq(parse(ARGV(host, query), &o), 0);
        ck_assert_str_eq(o.remote, "kvm1");
        ck_assert_ptr_null(o.export.host);
        ck_assert_uint_eq(o.given, OPTION_REMOTE_LONG);

        ck_assert_int_eq(parse(ARGV(remote, export, host), &o), 0);
        ck_assert_str_eq(o.remote, "root@kvm2");
        ck_assert_str_eq(o.export.host, "kvm1");
        ck_assert_uint_eq(o.given, OPTION_REMOTE | OPTION_INVENTORY);
}
END_TEST

START_TEST(nothing_is_fine) {
        Options o;

        ck_assert_int_eq(parse((char *[]) { (char *) "libvirt-resolve", NULL }, &o), 0);
        ck_assert_ptr_null(o.verb);
        ck_assert_uint_eq(o.given, 0);
        ck_assert_int_eq(o.n_arguments, 0);
}
END_TEST

static const char *const bad_options[] = {
        "--unknown",
        "-z",
        "--json=nice",
        "--json",
        "--interface",
        "--lease=1",
        "--timeout=soon",
        "--timeout=-1",
        "-H",
        "-H-oProxyCommand=x",
        "--host=",
        "--host=-v",
};

START_TEST(bad_options_are_refused) {
        char option[32];
        Options o = { .n_arguments = 42 };

        strcpy(option, bad_options[_i]);
        ck_assert_int_eq(parse(ARGV(option), &o), -EINVAL);
        ck_assert_int_eq(o.n_arguments, 42); /* untouched */
}
END_TEST

/* ---- mistyped words ---- */

static const struct {
        const char *a, *b;
        unsigned distance;
} words[] = {
        { "", "", 0 },
        { "", "abc", 3 },
        { "query", "query", 0 },
        { "qurey", "query", 1 },                /* swapped */
        { "querry", "query", 1 },
        { "uery", "query", 1 },
        { "queru", "query", 1 },
        { "yreuq", "query", 4 },
        { "0123456789012345678901234567890", "0123456789012345678901234567890", 0 },
        { "01234567890123456789012345678901", "0", 32 }, /* too long */
};

START_TEST(a_distance_counts_mistakes) {
        ck_assert_uint_eq(nearest_distance(words[_i].a, words[_i].b), words[_i].distance);
        ck_assert_uint_eq(nearest_distance(words[_i].b, words[_i].a), words[_i].distance);
}
END_TEST

START_TEST(a_word_is_meant_by_its_beginning) {
        ck_assert(nearest_may_mean("mon", "monitor"));
        ck_assert(nearest_may_mean("lease", "leases"));
        ck_assert(nearest_may_mean("geusts", "guests"));
        ck_assert(!nearest_may_mean("", "monitor"));
        ck_assert(!nearest_may_mean("nitor", "nss"));
        ck_assert(!nearest_may_mean("ns", "ss"));
        ck_assert(!nearest_may_mean("nothing", "monitor"));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("parts");

        tcase_add_loop_test(tcase, text_is_cut_to_columns, 0, ELEMENTS(cuts));
        tcase_add_loop_test(tcase, a_span_is_its_two_largest_units, 0, ELEMENTS(spans));
        tcase_add_test(tcase, an_expiry_is_what_is_left);
        tcase_add_test(tcase, a_time_that_has_passed_is_ago);
        tcase_add_test(tcase, a_point_of_time_is_local);
        tcase_add_loop_test(tcase, a_time_is_read, 0, ELEMENTS(times));
        tcase_add_loop_test(tcase, a_bad_time_is_refused, 0, ELEMENTS(bad_times));
        tcase_add_loop_test(tcase, json_strings_are_safe, 0, ELEMENTS(strings));
        tcase_add_test(tcase, options_stand_anywhere);
        tcase_add_test(tcase, host_is_another_one_except_in_an_inventory);
        tcase_add_test(tcase, nothing_is_fine);
        tcase_add_loop_test(tcase, bad_options_are_refused, 0, ELEMENTS(bad_options));
        tcase_add_loop_test(tcase, a_distance_counts_mistakes, 0, ELEMENTS(words));
        tcase_add_test(tcase, a_word_is_meant_by_its_beginning);
        return unit_run("cli-parts", tcase);
}
