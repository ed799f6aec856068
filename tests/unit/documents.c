/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Documents for the tests of the lease parser library.
 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "source/file-contents.h"
#include "util/util.h"

char *sample_read(const char *path, size_t *ret_size) {
        char name[512], *data;
        DocumentError error;

        (void) snprintf(name, sizeof(name), "%s/%s", TEST_SAMPLES, path);
        ck_assert_int_eq(file_contents_read(AT_FDCWD, name, &data, ret_size, &error), 0);
        return data;
}

char *problems_text(const Problems *problems) {
        char *text = NULL, line[256];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                fprintf(f, "%s\n", problem_format(&problems->described[i], line, sizeof(line)));
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

char *document_repeat(const char *entry, size_t n, size_t *ret_size) {
        size_t length = strlen(entry);
        char *data = malloc(n * (length + 1) + 3), *p = data;

        ck_assert_ptr_nonnull(data);
        *p++ = '[';
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        *p++ = ',';
                memcpy(p, entry, length);
                p += length;
        }
        *p++ = ']';
        *ret_size = (size_t) (p - data);
        return data;
}

void check_error(const DocumentError *error) {
        size_t length = strnlen(error->text, sizeof(error->text));

        ck_assert_uint_gt(length, 0);
        ck_assert_uint_lt(length, sizeof(error->text));
        for (size_t i = 0; i < length; i++)
                ck_assert(error->text[i] >= ' ' && error->text[i] <= '~');
        ck_assert_int_ge(error->line, 0);
        ck_assert_int_ge(error->column, 0);
}

/* Parses a copy that ends where the allocation ends, so that a byte too many is seen. */
static int parse_exactly(ParseFunc parse, const char *data, size_t size) {
        _cleanup_(freep) char *copy = malloc(MAX2(size, 1U));
        DocumentError error;
        int r;

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, data, size);
        memset(&error, 0xff, sizeof(error));
        r = parse(copy, size, &error);
        if (r < 0) {
                ck_assert_int_eq(r, -EBADMSG);
                check_error(&error);
        }
        return r;
}

void check_refused(ParseFunc parse) {
        static const struct {
                const char *data;
                size_t size;
        } documents[] = {
#define BYTES(s) { s, sizeof(s) - 1 }
                BYTES("{}"),
                BYTES("{\"hostname\": \"web1\"}"),
                BYTES("null"),
                BYTES("1"),
                BYTES("\"web1\""),
                BYTES("["),
                BYTES("]"),
                BYTES("[,]"),
                BYTES("[{}"),
                BYTES("[{},]"),
                BYTES("[{}]x"),
                BYTES("[][]"),
                BYTES("[]\0"),
                BYTES("\0"),
                BYTES(" \0 "),
                BYTES("\xef\xbb\xbf[]"),
                BYTES("garbage"),
                BYTES("[NaN]"),
                BYTES("[Infinity]"),
                BYTES("[0x10]"),
                BYTES("[01]"),
                BYTES("[1e400]"),
                BYTES("[-1e400]"),
                BYTES("[9223372036854775808]"),
                BYTES("[-9223372036854775809]"),
                BYTES("[{\"expiry-time\": 99999999999999999999}]"),
                BYTES("[\"\\ud800\"]"),
                BYTES("[\"\\udc00\\ud800\"]"),
                BYTES("[\"\\ud800\\u0041\"]"),
                BYTES("[\"\\u00\xc3\xa9\"]"),
                BYTES("[\"\\x41\"]"),
                BYTES("[\"\xff\"]"),
                BYTES("[\"\xc0\x80\"]"),
                BYTES("[\"\xed\xa0\x80\"]"),
                BYTES("[\"\x1b[31m\"]"),
                BYTES("[\"a\nb\"]"),
                BYTES("[\x1b[31m]"),
                BYTES("[{\"a\\u0000b\": 1}]"),
                BYTES("[{1: 2}]"),
                BYTES("['web1']"),
                BYTES("[/* web1 */]"),
#undef BYTES
        };
        size_t n = 100000;
        _cleanup_(freep) char *deep = malloc(2 * n);

        for (size_t i = 0; i < ELEMENTS(documents); i++)
                ck_assert_msg(parse_exactly(parse, documents[i].data, documents[i].size) == -EBADMSG,
                              "taken: %s", documents[i].data);

        ck_assert_ptr_nonnull(deep);
        memset(deep, '[', n);
        memset(deep + n, ']', n);
        ck_assert_int_eq(parse_exactly(parse, deep, 2 * n), -EBADMSG);
}

void check_blank(ParseFunc parse) {
        DocumentError error;

        ck_assert_int_eq(parse(NULL, 0, &error), 0);
        ck_assert_int_eq(parse_exactly(parse, "", 0), 0);
        ck_assert_int_eq(parse_exactly(parse, " \t\r\n", 4), 0);
        ck_assert_int_eq(parse_exactly(parse, "[]", 2), 0);
        ck_assert_int_eq(parse_exactly(parse, "[\n\n]\n", 5), 0);
}

void check_truncations(ParseFunc parse, const char *data, size_t size) {
        size_t end = size;

        while (end > 0 && data[end - 1] == '\n')
                end--;
        for (size_t n = 0; n <= size; n++)
                ck_assert_int_eq(parse_exactly(parse, data, n), n == 0 || n >= end ? 0 : -EBADMSG);
}

void check_mutations(ParseFunc parse, const char *data, size_t size) {
        _cleanup_(freep) char *copy = malloc(size);
        size_t n_taken = 0, n_refused = 0;

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, data, size);
        for (size_t i = 0; i < size; i++) {
                for (int byte = 0; byte < 256; byte += 5) {
                        copy[i] = (char) byte;
                        if (parse_exactly(parse, copy, size) == 0)
                                n_taken++;
                        else
                                n_refused++;
                }
                copy[i] = data[i];
        }
        ck_assert_uint_gt(n_taken, 0);
        ck_assert_uint_gt(n_refused, 0);
}
