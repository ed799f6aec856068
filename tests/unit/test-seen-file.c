/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * BRIDGE.json documents of libvirt-resolve-seen: good, odd and hostile ones.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "documents.h"
#include "source/seen-file.h"
#include "unit.h"

/* An address as one line. */
static char *addresses_text(const SeenList *list) {
        char *text = NULL, address[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < list->n_addresses; i++) {
                const SeenAddress *s = list->addresses + i;

                fprintf(f, "%s %s %s %s %lld %lld %lld%s%s%s\n", address_format(&s->address, address),
                        mac_format(&s->mac, mac), s->tap[0] ? s->tap : "-", s->by ?: "-",
                        (long long) s->first_seen,
                        (long long) s->confirmed, (long long) s->expiry, s->contested ? " contested" : "",
                        s->refused ? " refused: " : "", s->refused ?: "");
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

static int parse_and_free(const char *data, size_t size, DocumentError *error) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        int r;

        r = seen_file_parse(data, size, &list, error);
        ck_assert((r == 0) == (list != NULL));
        return r;
}

#define EXPECTED "a string, neither empty nor too long, without NUL or non-characters"
#define IP "\"ip-address\":\"10.9.0.7\","
#define MAC "\"mac-address\":\"52:54:00:00:00:01\""
#define FULL \
        "[{" IP MAC ",\"tap\":\"vnet1\",\"by\":\"arp\",\"first-seen\":500,\"confirmed\":600," \
        "\"expiry-time\":700}]"
#define GOOD "10.9.0.7 52:54:00:00:00:01 vnet1 arp 500 600 700"
#define BARE "10.9.0.7 52:54:00:00:00:01 - - 0 0 0"

static const struct {
        const char *document, *addresses, *problems;
} documents[] = {
        { "", "", "" },
        { "[]", "", "" },
        { FULL, GOOD "\n", "" },
        { "[{" IP MAC "}]", BARE "\n", "" },
        { "[{" IP MAC ",\"contested\":true}]", BARE " contested\n", "" },
        { "[{" IP MAC ",\"contested\":\"by another\"}]", BARE " contested\n", "" },
        { "[{" IP MAC ",\"contested\":false,\"refused\":null}]", BARE "\n", "" },
        { "[{" IP MAC ",\"refused\":\"its NIC moved\"}]", BARE " refused: its NIC moved\n", "" },
        { "[{" IP MAC ",\"refused\":true}]", BARE " refused: libvirt-resolve-seen doesn't believe it\n", "" },
        { "[{" IP MAC ",\"refused\":[]}]", BARE " refused: libvirt-resolve-seen doesn't believe it\n", "" },
        { "[{\"ip-address\":\"fe80::7%br0\"," MAC "}]", "fe80::7 52:54:00:00:00:01 - - 0 0 0\n", "" },

        { "[{" MAC "}]", "", "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n" },
        { "[{\"ip-address\":\"10.9.0\"," MAC "}," "{" IP MAC "}]", BARE "\n",
          "entry 0: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped\n" },
        { "[{\"ip-address\":\"10.9.0.7\"}]", "",
          "entry 0: \"mac-address\": expected a MAC address; entry skipped\n" },
        { "[{" IP MAC ",\"confirmed\":\"600\"}]", "",
          "entry 0: \"confirmed\": expected seconds since the epoch; entry skipped\n" },
        { "[{" IP MAC ",\"confirmed\":-1}]", "",
          "entry 0: \"confirmed\": expected seconds since the epoch; entry skipped\n" },
        { "[{" IP MAC ",\"expiry-time\":1.5}]", "",
          "entry 0: \"expiry-time\": expected seconds since the epoch; entry skipped\n" },
        { "[{" IP MAC ",\"tap\":\"an-interface-this-long\"}]", BARE "\n",
          "entry 0: \"tap\": expected " EXPECTED "; it is ignored\n" },
        { "[{" IP MAC ",\"by\":7}]", BARE "\n", "entry 0: \"by\": expected " EXPECTED "; it is ignored\n" },
        { "[7]", "", "entry 0: expected an object; entry skipped\n" },
};

START_TEST(test_document) {
        const char *document = documents[_i].document;
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        _cleanup_(freep) char *addresses = NULL, *problems = NULL;
        DocumentError error;

        ck_assert_int_eq(seen_file_parse(document, strlen(document), &list, &error), 0);
        addresses = addresses_text(list);
        problems = problems_text(&list->problems);
        ck_assert_str_eq(addresses, documents[_i].addresses);
        ck_assert_str_eq(problems, documents[_i].problems);
}
END_TEST

START_TEST(test_damaged) {
        check_truncations(parse_and_free, FULL, strlen(FULL));
        check_mutations(parse_and_free, FULL, strlen(FULL));
}
END_TEST

START_TEST(test_too_many) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;
        FILE *f = open_memstream(&data, &size);

        ck_assert_ptr_nonnull(f);
        for (unsigned i = 0; i < SEEN_FILE_ENTRIES_MAX + 5; i++)
                fprintf(f, "%c{" IP "\"mac-address\":\"52:54:00:00:%02x:%02x\"}", i == 0 ? '[' : ',', i >> 8,
                                i & 255);
        fputc(']', f);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_int_eq(seen_file_parse(data, size, &list, &error), 0);
        ck_assert_uint_eq(list->n_addresses, SEEN_FILE_ENTRIES_MAX);
        ck_assert_uint_eq(list->problems.n_skipped, 5);
}
END_TEST

/* Those of one MAC address take no place of another's, whichever come first. */
START_TEST(test_too_many_of_one_mac_address) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;
        FILE *f = open_memstream(&data, &size);

        ck_assert_ptr_nonnull(f);
        fputc('[', f);
        for (unsigned i = 0; i < 2 * SEEN_FILE_ENTRIES_MAX; i++)
                fprintf(f, "{" IP MAC "},");
        for (unsigned i = 0; i < 100; i++)
                fprintf(f, "%c{" IP "\"mac-address\":\"52:54:00:00:01:%02x\"}", i == 0 ? ' ' : ',', i);
        fputc(']', f);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_int_eq(seen_file_parse(data, size, &list, &error), 0);
        ck_assert_uint_eq(list->n_addresses, SEEN_FILE_NIC_MAX + 100);
        ck_assert_uint_eq(list->problems.n_skipped, 2 * SEEN_FILE_ENTRIES_MAX - SEEN_FILE_NIC_MAX);
        ck_assert_int_eq(list->addresses[SEEN_FILE_NIC_MAX + 99].mac.bytes[5], 99);
}
END_TEST

static const struct {
        int64_t confirmed, expiry, end;
} ends[] = {
        { 1000, 0, 1000 + SEEN_LIFETIME_SEC },
        { 1000, 2000, 2000 },
        { 1000, INT64_MAX, 1000 + SEEN_LIFETIME_SEC },
        { INT64_MAX, 0, INT64_MAX },
        { INT64_MAX, 5, 5 },
};

START_TEST(test_end) {
        const SeenAddress s = { .confirmed = ends[_i].confirmed, .expiry = ends[_i].expiry };

        ck_assert_int_eq(seen_address_end(&s), ends[_i].end);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("seen-file");

        tcase_add_loop_test(tcase, test_document, 0, ELEMENTS(documents));
        tcase_add_test(tcase, test_damaged);
        tcase_add_test(tcase, test_too_many);
        tcase_add_test(tcase, test_too_many_of_one_mac_address);
        tcase_add_loop_test(tcase, test_end, 0, ELEMENTS(ends));
        return unit_run("seen-file", tcase);
}
