/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Static names: every form of line that libvirt writes, and others.
 */

#include <stdio.h>
#include <string.h>

#include "source/document.h"
#include "unit.h"

static const struct {
        FileType type;
        const char *document, *bindings;
        size_t n_skipped;
} documents[] = {
        /* the six forms of a hostsfile */
        { FILE_HOSTSFILE, "52:54:00:cc:00:01,192.168.160.10,static1\n",
          "192.168.160.10 52:54:00:cc:00:01 static1\n", 0 },
        { FILE_HOSTSFILE, "52:54:00:CC:00:03,192.168.160.12,leased,30m\n",
          "192.168.160.12 52:54:00:cc:00:03 leased\n", 0 },
        { FILE_HOSTSFILE, "52:54:00:cc:00:02,192.168.160.11\n", "", 0 },
        { FILE_HOSTSFILE, "byname,192.168.160.13\n", "", 0 },
        { FILE_HOSTSFILE, "v6name,[fd00:160::11]\n", "", 0 },
        { FILE_HOSTSFILE, "id:00:03:00:01:52:54:00:cc:00:04,six,[fd00:160::10]\n",
          "fd00:160::10 52:54:00:cc:00:04 six\n", 0 },
        { FILE_HOSTSFILE, "id:00:01:00:01:2a:2b:2c:2d:52:54:00:cc:00:05,llt,[fd00:160::12]",
          "fd00:160::12 52:54:00:cc:00:05 llt\n", 0 },
        { FILE_HOSTSFILE, "id:00:04:52:54:00:cc:00:05,uuid,[fd00:160::12]", "", 0 },
        { FILE_HOSTSFILE, "52:54:00:cc:00:01,192.168.160.10,a,infinite\n"
          "52:54:00:cc:00:02,192.168.160.11,30m\n",
          "192.168.160.10 52:54:00:cc:00:01 a\n", 0 },

        /* bad lines hide nothing */
        { FILE_HOSTSFILE, "", "", 0 },
        { FILE_HOSTSFILE, "\n# comment\n \t\n\r\n", "", 0 },
        { FILE_HOSTSFILE, "garbage\n52:54:00:cc:00:01,192.168.160.10,good\n,,,\n52:54:00:cc:00:01,bad,a,b\n"
          "52:54:00:cc:00:01,[fd00::1,x\n52:54:00:cc:00:02,192.168.160.11,caf\xe9\n",
          "192.168.160.10 52:54:00:cc:00:01 good\n", 5 },

        { FILE_ADDNHOSTS, "192.168.160.50\tprinter\tprinter.lan\t\nfd00:160::50\tprinter\t\n",
          "192.168.160.50 - printer\n192.168.160.50 - printer.lan\nfd00:160::50 - printer\n", 0 },
        { FILE_ADDNHOSTS, "192.168.160.50 a  b", "192.168.160.50 - a\n192.168.160.50 - b\n", 0 },
        { FILE_ADDNHOSTS, "192.168.160.300\ta\n192.168.160.7\nname\t192.168.160.7\n192.168.160.9\tok\t",
          "192.168.160.9 - ok\n", 3 },
};

START_TEST(test_documents) {
        _cleanup_(document_unrefp) Document *document = NULL;
        char text[4096] = "", address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
        DocumentError error;

        ck_assert_int_eq(document_parse(file_kinds + documents[_i].type, documents[_i].document,
                                        strlen(documents[_i].document), 0, &document, &error), 0);
        for (size_t i = 0; i < document->bindings->n_bindings; i++) {
                const Binding *b = document->bindings->bindings + i;
                size_t n = strlen(text);

                ck_assert_int_eq(b->source, SOURCE_STATIC);
                (void) snprintf(text + n, sizeof(text) - n, "%s %s %s\n",
                                address_format(&b->address, address),
                                b->has_mac ? mac_format(&b->mac, mac) : "-", b->hostname);
        }
        ck_assert_str_eq(text, documents[_i].bindings);
        ck_assert_uint_eq(document_problems(document)->n_skipped, documents[_i].n_skipped);
}
END_TEST

/* A line of any length, and bytes of any value. */
START_TEST(test_long) {
        char data[20000];
        _cleanup_(document_unrefp) Document *document = NULL;
        DocumentError error;

        memset(data, 'x', sizeof(data));
        memcpy(data + 10000, "\n10.0.0.1\ta\0b\n10.0.0.2\tb\n", 26);
        ck_assert_int_eq(document_parse(file_kinds + FILE_ADDNHOSTS, data, sizeof(data), 0, &document,
                        &error), 0);
        ck_assert_uint_eq(document->bindings->n_bindings, 1);
        ck_assert_str_eq(document->bindings->bindings[0].hostname, "b");
        ck_assert_uint_eq(document_problems(document)->n_skipped, 3);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("hosts-file");

        tcase_add_loop_test(tcase, test_documents, 0, ELEMENTS(documents));
        tcase_add_test(tcase, test_long);
        return unit_run("hosts-file", tcase);
}
