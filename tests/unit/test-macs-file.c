/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * .macs documents: real, odd and hostile ones.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "documents.h"
#include "source/macs-file.h"
#include "unit.h"

/* A domain as one line: its name, a bar, its MAC addresses. */
static char *domains_text(const MacMap *map) {
        char *text = NULL, mac[MAC_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < map->n_domains; i++) {
                const DomainMacs *d = &map->domains[i];

                fprintf(f, "%s |", d->domain);
                for (size_t j = 0; j < d->n_macs; j++)
                        fprintf(f, " %s", mac_format(&d->macs[j], mac));
                fputc('\n', f);
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

static MacMap *parse(const char *data, size_t size) {
        DocumentError error;
        MacMap *map;

        ck_assert_int_eq(macs_file_parse(data, size, &map, &error), 0);
        return map;
}

static int parse_and_free(const char *data, size_t size, DocumentError *error) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;
        int r;

        r = macs_file_parse(data, size, &map, error);
        ck_assert((r == 0) == (map != NULL));
        return r;
}

#define DOMAIN_SKIPPED \
        "entry 0: \"domain\": expected a string, neither empty nor too long, without NUL or " \
        "non-characters; entry skipped\n"
#define MAC_IGNORED "entry 0: \"macs\": expected MAC addresses; the bad one ignored\n"

static const struct {
        const char *document;
        const char *domains;
        const char *problems;
        size_t n_skipped;
} documents[] = {
        { "[{\"domain\":\"vm-app\",\"macs\":[\"52:54:00:aa:00:01\"]}]", "vm-app | 52:54:00:aa:00:01\n", "",
          0 },
        { "[{\"domain\":\"a\",\"macs\":[\"52:54:00:AA:00:01\",\"52-54-00-aa-00-02\"]},"
          "{\"domain\":\"b\",\"macs\":[\"01-52:54:00:aa:00:03\"]}]",
          "a | 52:54:00:aa:00:01 52:54:00:aa:00:02\nb | 52:54:00:aa:00:03\n", "", 0 },
        { "[{\"domain\":\"Web Server.prod \\\"\\u00e9\\\"\",\"macs\":[]}]",
          "Web Server.prod \"\xc3\xa9\" |\n", "", 0 },

        /* domain */
        { "[{\"macs\":[\"52:54:00:aa:00:01\"]}]", "", DOMAIN_SKIPPED, 1 },
        { "[{\"domain\":null,\"macs\":[\"52:54:00:aa:00:01\"]}]", "", DOMAIN_SKIPPED, 1 },
        { "[{\"domain\":\"\",\"macs\":[\"52:54:00:aa:00:01\"]}]", "", DOMAIN_SKIPPED, 1 },
        { "[{\"domain\":7,\"macs\":[\"52:54:00:aa:00:01\"]},{\"domain\":\"b\","
          "\"macs\":[\"52:54:00:aa:00:02\"]}]",
          "b | 52:54:00:aa:00:02\n", DOMAIN_SKIPPED, 1 },
        { "[{\"domain\":\"dom\\uffff\",\"macs\":[\"52:54:00:aa:00:01\"]},"
          "{\"domain\":\"b\",\"macs\":[\"52:54:00:aa:00:02\"]}]", "b | 52:54:00:aa:00:02\n", DOMAIN_SKIPPED,
          1 },
        { "[{\"domain\":\"vm-app\\u0000x\",\"macs\":[\"52:54:00:aa:00:01\"]}]", "", DOMAIN_SKIPPED, 1 },

        /* macs */
        { "[{\"domain\":\"a\"}]", "a |\n", "", 0 },
        { "[{\"domain\":\"a\",\"macs\":null}]", "a |\n", "", 0 },
        { "[{\"domain\":\"a\",\"macs\":\"52:54:00:aa:00:01\"}]", "a |\n",
          "entry 0: \"macs\": expected an array; taken as empty\n", 0 },
        { "[{\"domain\":\"a\",\"macs\":{\"x\":\"52:54:00:aa:00:01\"}}]", "a |\n",
          "entry 0: \"macs\": expected an array; taken as empty\n", 0 },
        { "[{\"domain\":\"a\",\"macs\":[\"bad\",\"52:54:00:aa:00:01\",null,\"52:54:00:aa:00:02\"]},"
          "{\"domain\":\"b\",\"macs\":[\"52:54:00:aa:00:03\"]}]",
          "a | 52:54:00:aa:00:01 52:54:00:aa:00:02\nb | 52:54:00:aa:00:03\n", MAC_IGNORED MAC_IGNORED, 0 },
        { "[{\"domain\":\"a\",\"macs\":[\"52:54:00:aa:00:01\\u0000\"]}]", "a |\n", MAC_IGNORED, 0 },
        { "[{\"domain\":\"a\",\"macs\":[[\"52:54:00:aa:00:01\"]]}]", "a |\n", MAC_IGNORED, 0 },

        /* entries that are none, and what else may lie about */
        { "[1,2]",
          "", "entry 0: expected an object; entry skipped\nentry 1: expected an object; entry skipped\n", 2 },
        { "[{\"domain\":\"a\",\"new\":{\"macs\":[1]},\"macs\":[\"52:54:00:aa:00:01\"]}]",
          "a | 52:54:00:aa:00:01\n", "", 0 },
        { "[{\"domain\":\"a\",\"macs\":[],\"domain\":\"b\",\"macs\":[\"52:54:00:aa:00:01\"]}]",
          "b | 52:54:00:aa:00:01\n", "", 0 },
        { "[{\"domain\":\"a\",\"macs\":[]},{\"domain\":\"a\",\"macs\":[\"52:54:00:aa:00:01\"]}]",
          "a |\na | 52:54:00:aa:00:01\n", "", 0 },
};

START_TEST(test_document) {
        const char *document = documents[_i].document;
        _cleanup_(mac_map_freep) MacMap *map = parse(document, strlen(document));
        _cleanup_(freep) char *domains = domains_text(map), *problems = problems_text(&map->problems);

        ck_assert_str_eq(domains, documents[_i].domains);
        ck_assert_str_eq(problems, documents[_i].problems);
        ck_assert_uint_eq(map->problems.n_skipped, documents[_i].n_skipped);
}
END_TEST

static const struct {
        const char *path;
        const char *domains;
} samples[] = {
        { "01-full/virbr0.macs", "vm-app | 52:54:00:aa:00:01\n" },
        { "01-full/virbr1.macs", "vm-lab | 52:54:00:aa:00:02\n" },
        { "03-odd-domain/virbr0.macs",
          "Web Server.prod \"\xc3\xa9\" | 52:54:00:aa:01:01\nvm-app | 52:54:00:aa:00:01\n" },
        { "05-no-domains-empty-macs/virbr0.macs", "" },
};

START_TEST(test_sample) {
        size_t size;
        _cleanup_(freep) char *data = sample_read(samples[_i].path, &size);
        _cleanup_(mac_map_freep) MacMap *map = parse(data, size);
        _cleanup_(freep) char *domains = domains_text(map);

        ck_assert_str_eq(domains, samples[_i].domains);
        ck_assert_uint_eq(map->problems.n_problems, 0);
}
END_TEST

START_TEST(test_sample_damaged) {
        size_t size;
        _cleanup_(freep) char *data = sample_read(samples[_i].path, &size);

        check_truncations(parse_and_free, data, size);
}
END_TEST

START_TEST(test_mutations) {
        size_t size;
        _cleanup_(freep) char *data = sample_read("03-odd-domain/virbr0.macs", &size);

        check_mutations(parse_and_free, data, size);
}
END_TEST

START_TEST(test_refused) {
        check_refused(parse_and_free);
}
END_TEST

START_TEST(test_blank) {
        check_blank(parse_and_free);
}
END_TEST

START_TEST(test_many) {
        size_t size;
        _cleanup_(freep) char *data = document_repeat(
                        "{\"domain\":\"vm-app\",\"macs\":[\"52:54:00:aa:00:01\",\"52:54:00:aa:00:02\"]}",
                        100000, &size);
        _cleanup_(mac_map_freep) MacMap *map = parse(data, size);

        ck_assert_uint_eq(map->n_domains, 100000);
        ck_assert_uint_eq(map->problems.n_problems, 0);
        ck_assert_str_eq(map->domains[99999].domain, "vm-app");
        ck_assert_uint_eq(map->domains[99999].n_macs, 2);
        ck_assert_uint_eq(map->domains[99999].macs[1].bytes[5], 2);
}
END_TEST

/* A document of one domain with a name of length bytes and n MAC addresses. */
static MacMap *parse_domain(size_t length, size_t n) {
        size_t size;
        _cleanup_(freep) char *macs = document_repeat("\"52:54:00:aa:00:01\"", n, &size);
        _cleanup_(freep) char *data = malloc(size + length + 100), *name = malloc(length + 1);
        int l;

        ck_assert_ptr_nonnull(data);
        ck_assert_ptr_nonnull(name);
        memset(name, 'x', length);
        name[length] = '\0';
        l = snprintf(data, size + length + 100, "[{\"domain\":\"%s\",\"macs\":%.*s}]", name, (int) size,
                        macs);
        return parse(data, (size_t) l);
}

static const struct {
        size_t length, n_macs;                 /* as written */
        size_t n_domains, n_kept, n_problems;  /* as read */
} limits[] = {
        { 1, 0, 1, 0, 0 },
        { NAME_LENGTH_MAX, DOMAIN_MACS_MAX, 1, DOMAIN_MACS_MAX, 0 },
        { 1, DOMAIN_MACS_MAX + 1, 1, DOMAIN_MACS_MAX, 1 },
        { 1, 50000, 1, DOMAIN_MACS_MAX, 1 },
        { NAME_LENGTH_MAX + 1, 1, 0, 0, 1 },
        { 10000, 1, 0, 0, 1 },
};

START_TEST(test_limits) {
        _cleanup_(mac_map_freep) MacMap *map = parse_domain(limits[_i].length, limits[_i].n_macs);

        ck_assert_uint_eq(map->n_domains, limits[_i].n_domains);
        ck_assert_uint_eq(map->problems.n_problems, limits[_i].n_problems);
        if (map->n_domains > 0) {
                ck_assert_uint_eq(map->domains[0].n_macs, limits[_i].n_kept);
                ck_assert_uint_eq(strlen(map->domains[0].domain), limits[_i].length);
        }
}
END_TEST

START_TEST(test_free) {
        ck_assert_ptr_null(mac_map_free(NULL));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("macs-file");

        tcase_add_loop_test(tcase, test_document, 0, ELEMENTS(documents));
        tcase_add_loop_test(tcase, test_sample, 0, ELEMENTS(samples));
        tcase_add_loop_test(tcase, test_sample_damaged, 0, ELEMENTS(samples));
        tcase_add_test(tcase, test_mutations);
        tcase_add_test(tcase, test_refused);
        tcase_add_test(tcase, test_blank);
        tcase_add_test(tcase, test_many);
        tcase_add_loop_test(tcase, test_limits, 0, ELEMENTS(limits));
        tcase_add_test(tcase, test_free);
        return unit_run("macs-file", tcase);
}
