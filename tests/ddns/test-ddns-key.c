/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The TSIG key, and the DHCID.
 */

#include <check.h>
#include <ldns/ldns.h>
#include <string.h>

#include "ddns/dhcid.h"
#include "ddns/key.h"
#include "util/util.h"

static const struct {
        const char *text, *algorithm, *name, *secret; /* algorithm NULL: refused */
} keys[] = {
        { "key \"guests\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0\";\n};\n", "hmac-sha256.",
                        "guests", "c2VjcmV0" },
        { "# hmac-sha512\nkey guests { secret c2VjcmV0; algorithm HMAC-SHA512; };", "HMAC-SHA512.", "guests",
                        "c2VjcmV0" },
        { "hmac-sha256:guests.example:c2VjcmV0\n", "hmac-sha256.", "guests.example", "c2VjcmV0" },
        { "", NULL, NULL, NULL },
        { "key \"guests", NULL, NULL, NULL },
        { "key guests { algorithm hmac-sha256; };", NULL, NULL, NULL },
        { "key guests { algorithm hmac-md5; secret c2VjcmV0; };", NULL, NULL, NULL },
        { "key guests { algorithm hmac-sha256; secret c2VjcmV0; port 53; };", NULL, NULL, NULL },
        { "hmac-sha256:guests:c2VjcmV0 more", NULL, NULL, NULL },
        { "hmac-sha256:a..b:c2VjcmV0", NULL, NULL, NULL },
        { "hmac-sha256:guests:!!", NULL, NULL, NULL },
        { "hmac-sha256:guests:0", NULL, NULL, NULL },
};

START_TEST(test_key) {
        const char *reason = NULL;
        Key key;

        if (!keys[_i].algorithm) {
                ck_assert_int_lt(key_parse(keys[_i].text, &key, &reason), 0);
                ck_assert_ptr_nonnull(reason);
                return;
        }
        ck_assert_int_eq(key_parse(keys[_i].text, &key, &reason), 0);
        ck_assert_str_eq(key.algorithm, keys[_i].algorithm);
        ck_assert_str_eq(key.name, keys[_i].name);
        ck_assert_str_eq(key.secret, keys[_i].secret);
}
END_TEST

/* RFC 4701, section 3.6.3: of a MAC address. */
START_TEST(test_dhcid) {
        static const MacAddress mac = { { 1, 2, 3, 4, 5, 6 } };
        uint8_t data[DHCID_SIZE];
        ldns_rdf *rdf;
        char *text;

        ck_assert_int_eq(dhcid_make(&mac, "client.example.com", data), 0);
        rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, sizeof(data), data);
        text = ldns_rdf2str(rdf);
        ck_assert_str_eq(text, "AAABxLmlskllE0MVjd57zHcWmEH3pCQ6VytcKD//7es/deY=");
        free(text);
        ldns_rdf_deep_free(rdf);
        ck_assert_int_lt(dhcid_make(&mac, "a..b", data), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("ddns-key");
        TCase *cases = tcase_create("key");
        SRunner *runner;
        int failed;

        tcase_add_loop_test(cases, test_key, 0, (int) ELEMENTS(keys));
        tcase_add_test(cases, test_dhcid);
        suite_add_tcase(suite, cases);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed > 0;
}
