/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * .status documents: real, odd and hostile ones.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "documents.h"
#include "source/status-file.h"
#include "unit.h"

/* A lease as one line: place, address, MAC address, hostname, client-id, expiry. */
static char *leases_text(const BindingList *list) {
        char *text = NULL, address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < list->n_bindings; i++) {
                const Binding *l = &list->bindings[i];

                fprintf(f, "%u %s %s %s %s %lld\n", l->position, address_format(&l->address, address),
                        l->has_mac ? mac_format(&l->mac, mac) : "-", l->hostname ? l->hostname : "-",
                        l->client_id ? l->client_id : "-", (long long) l->expiry);
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

static BindingList *parse(const char *data, size_t size) {
        DocumentError error;
        BindingList *list;

        ck_assert_int_eq(status_file_parse(data, size, &list, &error), 0);
        return list;
}

static int parse_and_free(const char *data, size_t size, DocumentError *error) {
        _cleanup_(binding_list_freep) BindingList *list = NULL;
        int r;

        r = status_file_parse(data, size, &list, error);
        ck_assert((r == 0) == (list != NULL));
        return r;
}

#define TEXT_EXPECTED "expected a string, neither empty nor too long, without NUL or non-characters; "

static const struct {
        const char *document;
        const char *leases;
        const char *problems;
        size_t n_skipped;
} documents[] = {
        /* what libvirt writes, in every version */
        {
                "[{\"iaid\":\"1376354\",\"ip-address\":\"fd00:150::15f\","
                "\"mac-address\":\"52:54:00:15:00:62\","
                "\"hostname\":\"both\",\"client-id\":\"00:03:00:01\",\"server-duid\":\"00:01\","
                "\"expiry-time\":1795425754}]",
                "0 fd00:150::15f 52:54:00:15:00:62 both 00:03:00:01 1795425754\n", "", 0,
        },
        { "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:AA:00:01\",\"expiry-time\":0}]",
          "0 10.0.0.1 52:54:00:aa:00:01 - - 0\n", "", 0 },
        { "[{\"ip-address\":\"fe80::7%virbr0\",\"hostname\":\"ll\"}]", "0 fe80::7 - ll - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"01-52:54:00:aa:00:01\"}]",
          "0 10.0.0.1 52:54:00:aa:00:01 - - 0\n", "", 0 },

        /* expiry-time */
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":null}]", "0 10.0.0.1 - - - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":-5}]", "0 10.0.0.1 - - - -5\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":9223372036854775807}]",
          "0 10.0.0.1 - - - 9223372036854775807\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":\"123\"}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":\"abc\"}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":123.5}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":1e3}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":true}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"expiry-time\":[]}]", "",
          "entry 0: \"expiry-time\": expected an integer; entry skipped\n", 1 },

        /* ip-address */
        { "[{\"hostname\":\"web1\"}]", "",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },
        { "[{\"ip-address\":null}]", "",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.256\"},{\"ip-address\":\"10.0.0.2\",\"hostname\":\"web2\"}]",
          "1 10.0.0.2 - web2 - 0\n",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\\u0000x\"}]", "",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },
        { "[{\"ip-address\":167772161}]", "",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },

        /* mac-address */
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\",\"mac-address\":null}]",
          "0 10.0.0.1 - web1 - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\",\"mac-address\":\"52:54\"}]",
          "0 10.0.0.1 - web1 - 0\n",
          "entry 0: \"mac-address\": expected a MAC address; MAC address ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\",\"mac-address\":[1]}]",
          "0 10.0.0.1 - web1 - 0\n",
          "entry 0: \"mac-address\": expected a MAC address; MAC address ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:aa:00:01\\u0000\"}]",
          "0 10.0.0.1 - - - 0\n",
          "entry 0: \"mac-address\": expected a MAC address; MAC address ignored\n", 0 },

        /* hostname and client-id */
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":null,\"client-id\":null}]", "0 10.0.0.1 - - - 0\n", "",
          0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\\u0000x\"}]", "0 10.0.0.1 - - - 0\n",
          "entry 0: \"hostname\": " TEXT_EXPECTED "hostname ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"\\u0000\"}]", "0 10.0.0.1 - - - 0\n",
          "entry 0: \"hostname\": " TEXT_EXPECTED "hostname ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\\uffff\",\"client-id\":\"01:02\"}]",
          "0 10.0.0.1 - - 01:02 0\n", "entry 0: \"hostname\": " TEXT_EXPECTED "hostname ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"web1\",\"client-id\":\"\\ufdd0\"}]",
          "0 10.0.0.1 - web1 - 0\n", "entry 0: \"client-id\": " TEXT_EXPECTED "client-id ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"\"}]", "0 10.0.0.1 - - - 0\n",
          "entry 0: \"hostname\": " TEXT_EXPECTED "hostname ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":12345,\"client-id\":{}}]", "0 10.0.0.1 - - - 0\n",
          "entry 0: \"hostname\": " TEXT_EXPECTED "hostname ignored\n"
          "entry 0: \"client-id\": " TEXT_EXPECTED "client-id ignored\n", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"quo\\\"te\\\\\\/\"}]",
          "0 10.0.0.1 - quo\"te\\/ - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"\\u001B[31m\\u007f\\n\"}]",
          "0 10.0.0.1 - \x1b[31m\x7f\n - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"\\ud83d\\ude00\xc3\xa9\\u00e9\"}]",
          "0 10.0.0.1 - \xf0\x9f\x98\x80\xc3\xa9\xc3\xa9 - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"Fq.Example.ORG.\"}]",
          "0 10.0.0.1 - Fq.Example.ORG. - 0\n", "", 0 },

        /* entries that are none, and what else may lie about */
        { "[1,2]",
          "", "entry 0: expected an object; entry skipped\nentry 1: expected an object; entry skipped\n", 2 },
        { "[null,\"web1\",[{\"ip-address\":\"10.0.0.1\"}],{\"ip-address\":\"10.0.0.2\"}]",
          "3 10.0.0.2 - - - 0\n",
          "entry 0: expected an object; entry skipped\nentry 1: expected an object; entry skipped\n"
          "entry 2: expected an object; entry skipped\n", 3 },
        { "[{\"new\":{\"ip-address\":\"10.9.9.9\",\"deep\":[[[{}]]]},\"ip-address\":\"10.0.0.1\","
          "\"more\":[1.5,true,null]}]",
          "0 10.0.0.1 - - - 0\n", "", 0 },
        { "[{\"IP-Address\":\"10.0.0.1\"}]", "",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n", 1 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"first\",\"hostname\":\"last\"}]",
          "0 10.0.0.1 - last - 0\n", "", 0 },
        { "[{\"ip-address\":\"10.0.0.1\",\"hostname\":\"a\"},{\"ip-address\":\"10.0.0.1\","
          "\"hostname\":\"a\"}]",
          "0 10.0.0.1 - a - 0\n1 10.0.0.1 - a - 0\n", "", 0 },
        { " \n[ { \"ip-address\" :\t\"10.0.0.1\" } ]\r\n", "0 10.0.0.1 - - - 0\n", "", 0 },
};

START_TEST(test_document) {
        const char *document = documents[_i].document;
        _cleanup_(binding_list_freep) BindingList *list = parse(document, strlen(document));
        _cleanup_(freep) char *leases = leases_text(list), *problems = problems_text(&list->problems);

        ck_assert_str_eq(leases, documents[_i].leases);
        ck_assert_str_eq(problems, documents[_i].problems);
        ck_assert_uint_eq(list->problems.n_skipped, documents[_i].n_skipped);
}
END_TEST

static const struct {
        const char *path;
        const char *leases;
} samples[] = {
        { "01-full/virbr0.status",
          "0 192.168.122.253 52:54:00:aa:00:01 appserver 01:52:54:00:aa:00:01 1795423698\n"
          "1 192.168.122.44 52:54:00:12:00:03 UpperCase 01:52:54:00:12:00:03 1795423719\n"
          "2 192.168.122.42 52:54:00:12:00:01 web1 01:52:54:00:12:00:01 1795423719\n"
          "3 192.168.122.46 52:54:00:12:00:05 fq 01:52:54:00:12:00:05 1795423719\n"
          "4 192.168.122.45 52:54:00:12:00:04 - 01:52:54:00:12:00:04 1795423719\n"
          "5 192.168.122.43 52:54:00:12:00:02 web2 - 1795423723\n"
          "6 192.168.122.52 52:54:00:12:00:0b dup 01:52:54:00:12:00:0b 1795423723\n"
          "7 192.168.122.51 52:54:00:12:00:0a - 01:52:54:00:12:00:0a 1795423719\n" },
        { "01-full/virbr1.status",
          "0 192.168.150.186 52:54:00:aa:00:02 labguest 01:52:54:00:aa:00:02 1795423707\n"
          "1 fd00:150::15f 52:54:00:15:00:62 both 00:03:00:01:52:54:00:15:00:62 1795427630\n"
          "2 fd00:150::15b 52:54:00:15:00:60 sixa 00:03:00:01:52:54:00:15:00:60 1795427630\n"
          "3 fd00:150::10 52:54:00:15:00:61 reserved6 00:03:00:01:52:54:00:15:00:61 1795427633\n"
          "4 192.168.150.142 52:54:00:15:00:03 both - 1795423733\n"
          "5 192.168.150.11 52:54:00:15:00:11 - 01:52:54:00:15:00:11 1795423733\n"
          "6 192.168.150.10 52:54:00:15:00:10 reserved 01:52:54:00:15:00:10 1795423733\n"
          "7 192.168.150.140 52:54:00:15:00:01 web1 01:52:54:00:15:00:01 1795423733\n"
          "8 192.168.150.141 52:54:00:15:00:02 inside 01:52:54:00:15:00:02 1795423733\n" },
        { "01-full/virbr2.status",
          "0 192.168.160.145 52:54:00:16:00:01 shorty 01:52:54:00:16:00:01 1795420247\n" },
        { "02-infinite-and-odd/virbr4.status",
          "0 192.168.170.150 52:54:00:17:00:01 forever 01:52:54:00:17:00:01 0\n"
          "1 192.168.170.159 52:54:00:17:01:0b trail 01:52:54:00:17:01:0b 0\n"
          "2 192.168.170.151 52:54:00:17:01:02 sp 01:52:54:00:17:01:02 0\n"
          "3 192.168.170.154 52:54:00:17:01:06 12345 01:52:54:00:17:01:06 0\n"
          "4 192.168.170.152 52:54:00:17:01:03 -lead 01:52:54:00:17:01:03 0\n"
          "5 192.168.170.149 52:54:00:17:01:01 under_score 01:52:54:00:17:01:01 0\n"
          "6 192.168.170.155 52:54:00:17:01:07 localhost 01:52:54:00:17:01:07 0\n"
          "7 192.168.170.158 52:54:00:17:01:0a 192 01:52:54:00:17:01:0a 0\n"
          "8 192.168.170.156 52:54:00:17:01:08 "
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 01:52:54:00:17:01:08 0\n"
          "9 192.168.170.157 52:54:00:17:01:09 quo\"te 01:52:54:00:17:01:09 0\n"
          "10 192.168.170.153 52:54:00:17:01:05 UTF\xc3\xa9 01:52:54:00:17:01:05 0\n"
          "11 192.168.170.160 52:54:00:17:01:04 a 01:52:54:00:17:01:04 0\n" },
        { "04-fresh-network-empty-status/virbr5.status", "" },
};

START_TEST(test_sample) {
        size_t size;
        _cleanup_(freep) char *data = sample_read(samples[_i].path, &size);
        _cleanup_(binding_list_freep) BindingList *list = parse(data, size);
        _cleanup_(freep) char *leases = leases_text(list);

        ck_assert_str_eq(leases, samples[_i].leases);
        ck_assert_uint_eq(list->problems.n_problems, 0);
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
        _cleanup_(freep) char *data = sample_read("01-full/virbr2.status", &size);

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

START_TEST(test_error_place) {
        static const char document[] = "[\n  {\"ip-address\": \xc3\xa9\x1b}\n]";
        DocumentError error;
        BindingList *list = NULL;

        ck_assert_int_eq(status_file_parse(document, strlen(document), &list, &error), -EBADMSG);
        ck_assert_ptr_null(list);
        ck_assert_int_eq(error.line, 2);
        ck_assert_int_gt(error.column, 10);
        check_error(&error);

        ck_assert_int_eq(status_file_parse("{}", 2, &list, &error), -EBADMSG);
        ck_assert_int_eq(error.line, 0);
        ck_assert_int_eq(error.column, 0);
        ck_assert_str_eq(error.text, "not a JSON array, but an object");
}
END_TEST

/* A value of length bytes at key, in a document of one lease: whether it is kept. */
static bool kept(const char *key, size_t length) {
        _cleanup_(freep) char *data = malloc(length + 100), *value = malloc(length + 1);
        _cleanup_(binding_list_freep) BindingList *list = NULL;
        const char *text;
        int n;

        ck_assert_ptr_nonnull(data);
        ck_assert_ptr_nonnull(value);
        memset(value, 'x', length);
        value[length] = '\0';
        n = snprintf(data, length + 100, "[{\"ip-address\":\"10.0.0.1\",\"%s\":\"%s\"}]", key, value);
        list = parse(data, (size_t) n);

        ck_assert_uint_eq(list->n_bindings, 1);
        text = list->bindings[0].hostname ? list->bindings[0].hostname : list->bindings[0].client_id;
        ck_assert_uint_eq(list->problems.n_problems, text ? 0 : 1);
        if (text)
                ck_assert_str_eq(text, value);
        return text;
}

START_TEST(test_lengths) {
        ck_assert(kept("hostname", 1));
        ck_assert(kept("hostname", NAME_LENGTH_MAX));
        ck_assert(!kept("hostname", NAME_LENGTH_MAX + 1));
        ck_assert(!kept("hostname", 10000));
        ck_assert(kept("client-id", CLIENT_ID_LENGTH_MAX));
        ck_assert(!kept("client-id", CLIENT_ID_LENGTH_MAX + 1));
}
END_TEST

START_TEST(test_many) {
        size_t size;
        _cleanup_(freep) char *data = document_repeat(
                        "{\"ip-address\":\"192.168.122.253\",\"mac-address\":\"52:54:00:aa:00:01\","
                        "\"hostname\":\"appserver\","
                        "\"client-id\":\"01:52:54:00:aa:00:01\",\"expiry-time\":1795423698}", 100000, &size);
        _cleanup_(binding_list_freep) BindingList *list = parse(data, size);

        ck_assert_uint_eq(list->n_bindings, 100000);
        ck_assert_uint_eq(list->problems.n_problems, 0);
        ck_assert_uint_eq(list->bindings[99999].position, 99999);
        ck_assert_str_eq(list->bindings[0].hostname, "appserver");
        ck_assert_str_eq(list->bindings[99999].hostname, "appserver");
        ck_assert_str_eq(list->bindings[99999].client_id, "01:52:54:00:aa:00:01");
}
END_TEST

START_TEST(test_too_many) {
        size_t size;
        _cleanup_(freep) char *data = document_repeat("{\"ip-address\":\"10.0.0.1\"}",
                        LEASE_FILE_ENTRIES_MAX + 3, &size);
        _cleanup_(binding_list_freep) BindingList *list = parse(data, size);
        _cleanup_(freep) char *problems = problems_text(&list->problems);

        ck_assert_uint_eq(list->n_bindings, LEASE_FILE_ENTRIES_MAX);
        ck_assert_uint_eq(list->problems.n_skipped, 3);
        ck_assert_str_eq(problems, "entry 200000: expected fewer entries; this and all later ones skipped\n");
}
END_TEST

START_TEST(test_many_problems) {
        size_t size;
        _cleanup_(freep) char *data = document_repeat("7", 1000, &size);
        _cleanup_(binding_list_freep) BindingList *list = parse(data, size);

        ck_assert_uint_eq(list->n_bindings, 0);
        ck_assert_uint_eq(list->problems.n_problems, 1000);
        ck_assert_uint_eq(list->problems.n_skipped, 1000);
        ck_assert_uint_eq(list->problems.described[DOCUMENT_PROBLEMS_MAX - 1].entry,
                        DOCUMENT_PROBLEMS_MAX - 1);
}
END_TEST

START_TEST(test_expired) {
        ck_assert(!binding_expired(0, 1000));
        ck_assert(!binding_expired(1001, 1000));
        ck_assert(!binding_expired(1000, 1000));
        ck_assert(binding_expired(999, 1000));
        ck_assert(binding_expired(-5, 1000));
        ck_assert(binding_expired(-5, 0));
}
END_TEST

START_TEST(test_free) {
        ck_assert_ptr_null(binding_list_free(NULL));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("status-file");

        tcase_add_loop_test(tcase, test_document, 0, ELEMENTS(documents));
        tcase_add_loop_test(tcase, test_sample, 0, ELEMENTS(samples));
        tcase_add_loop_test(tcase, test_sample_damaged, 0, ELEMENTS(samples));
        tcase_add_test(tcase, test_mutations);
        tcase_add_test(tcase, test_refused);
        tcase_add_test(tcase, test_blank);
        tcase_add_test(tcase, test_error_place);
        tcase_add_test(tcase, test_lengths);
        tcase_add_test(tcase, test_many);
        tcase_add_test(tcase, test_too_many);
        tcase_add_test(tcase, test_many_problems);
        tcase_add_test(tcase, test_expired);
        tcase_add_test(tcase, test_free);
        return unit_run("status-file", tcase);
}
