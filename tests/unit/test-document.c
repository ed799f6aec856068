/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Documents: which file names are of which kind, references, digests.
 */

#include <errno.h>
#include <string.h>

#include "source/document.h"
#include "unit.h"

static const struct {
        const char *name, *suffix; /* suffix NULL: no kind */
} names[] = {
        { "virbr0.status", ".status" },
        { "virbr0.macs", ".macs" },
        { "a.b.macs", ".macs" },
        { "br\xc3\xa9.status", ".status" },
        { "fifteen-bytes-x.status", ".status" },
        { "sixteen-bytes-xx.status", NULL },
        { "sixteen-bytes-xx.macs", NULL },
        { "br\xff.status", NULL },
        { ".status", NULL },
        { "status", NULL },
        { "", NULL },
        { "virbr0.status.new", NULL },
        { "a-network-of-a-long-name.hostsfile", ".hostsfile" },
        { "default.addnhosts", ".addnhosts" },
        { ".hostsfile", NULL },
        { "virbr0.STATUS", NULL },
        { "virbr0.pid", NULL },
        { "virbr0.", NULL },
};

START_TEST(test_kind) {
        const FileKind *kind;
        size_t stem = 4711;

        kind = file_kind_find(names[_i].name, &stem);
        if (!names[_i].suffix) {
                ck_assert_ptr_null(kind);
                ck_assert_uint_eq(stem, 4711);
                return;
        }
        ck_assert_ptr_nonnull(kind);
        ck_assert_str_eq(kind->suffix, names[_i].suffix);
        ck_assert_ptr_eq(kind, file_kinds + kind->type);
        ck_assert_str_eq(names[_i].name + stem, kind->suffix);
}
END_TEST

START_TEST(test_references) {
        static const char leases[] = "[{\"ip-address\": \"10.0.0.7\", \"hostname\": \"web\"}, 1]";
        Document *document = NULL;
        DocumentError error;

        ck_assert_int_eq(document_parse(file_kinds + FILE_STATUS, leases, sizeof(leases) - 1, 5, &document,
                        &error),
                         0);
        ck_assert_uint_eq(document->digest, 5);
        ck_assert_ptr_null(document->macs);
        ck_assert_uint_eq(document_problems(document)->n_problems, 1);

        ck_assert_ptr_eq(document_ref(document), document);
        ck_assert_ptr_null(document_unref(document));
        ck_assert_str_eq(document->bindings->bindings[0].hostname, "web");
        ck_assert_ptr_null(document_unref(document));

        ck_assert_ptr_null(document_ref(NULL));
        ck_assert_ptr_null(document_unref(NULL));
}
END_TEST

START_TEST(test_invalid) {
        Document *document = (Document *) &document;
        DocumentError error;

        ck_assert_int_eq(document_parse(file_kinds + FILE_MACS, "{}", 2, 5, &document, &error), -EBADMSG);
        ck_assert_ptr_eq(document, (Document *) &document);
        ck_assert_str_eq(error.text, "not a JSON array, but an object");
}
END_TEST

START_TEST(test_digest) {
        const DigestKey key = { { 1 } }, other = { { 2 } };

        ck_assert_uint_eq(document_digest(&key, "[]", 2), document_digest(&key, "[]", 2));
        ck_assert_uint_ne(document_digest(&key, "[]", 2), document_digest(&key, "[]\n", 3));
        ck_assert_uint_ne(document_digest(&key, "[]", 2), document_digest(&other, "[]", 2));
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("document");

        tcase_add_loop_test(tcase, test_kind, 0, ELEMENTS(names));
        tcase_add_test(tcase, test_references);
        tcase_add_test(tcase, test_invalid);
        tcase_add_test(tcase, test_digest);
        return unit_run("document", tcase);
}
