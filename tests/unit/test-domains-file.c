/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * domains.json documents of libvirt-resolve-domains: good, odd and hostile ones.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "documents.h"
#include "source/domains-file.h"
#include "unit.h"

/* A NIC as one line. */
static char *nics_text(const NicList *list) {
        char *text = NULL, mac[MAC_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < list->n_nics; i++) {
                const StatedNic *n = list->nics + i;

                fprintf(f, "%s %s %s %s %s %s %s %s", n->domain, n->uuid ?: "-",
                        n->has_mac ? mac_format(&n->mac, mac) : "-", n->type ?: "-", n->bridge ?: "-",
                        n->tap ?: "-",
                        n->network ?: "-", n->reason ?: "-");
                for (size_t k = 0; k < n->n_ports; k++)
                        fprintf(f, " %s%u:%u%s%s", n->ports[k].is_udp ? "udp" : "tcp", n->ports[k].host,
                                n->ports[k].guest, n->ports[k].address ? "@" : "", n->ports[k].address ?: "");
                fputc('\n', f);
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

static int parse_and_free(const char *data, size_t size, DocumentError *error) {
        _cleanup_(nic_list_freep) NicList *list = NULL;
        int r;

        r = domains_file_parse(data, size, &list, error);
        ck_assert((r == 0) == (list != NULL));
        return r;
}

#define EXPECTED "a string, neither empty nor too long, without NUL or non-characters"
#define FULL \
        "[{\"domain\":\"web1\",\"uuid\":\"6f1d8a52\",\"mac-address\":\"52:54:00:aa:00:01\"," \
        "\"type\":\"bridge\"," \
        "\"bridge\":\"br0\",\"tap\":\"vnet4\",\"network\":\"default\"},{\"domain\":\"diskless\"}]"
#define PORTS(ports) "[{\"domain\":\"a\",\"ports\":" ports "}]"
#define NO_PORT "entry 0: \"ports\": expected protocol, host and guest of each port; the bad one ignored\n"

static const struct {
        const char *document, *nics, *problems;
} documents[] = {
        { "", "", "" },
        { FULL, "web1 6f1d8a52 52:54:00:aa:00:01 bridge br0 vnet4 default -\ndiskless - - - - - - -\n", "" },
        { "[{\"domain\":\"a\",\"mac-address\":null,\"reason\":\"macvtap is on no bridge\"}]",
          "a - - - - - - macvtap is on no bridge\n", "" },
        { PORTS("[{\"protocol\":\"tcp\",\"host\":2222,\"guest\":22},"
                "{\"protocol\":\"udp\",\"host\":53,\"guest\":53,\"address\":\"127.0.0.1\"}]"),
          "a - - - - - - - tcp2222:22 udp53:53@127.0.0.1\n", "" },

        { "[{}]", "", "entry 0: \"domain\": expected " EXPECTED "; entry skipped\n" },
        { "[{\"domain\":\"a\\u0000b\"},{\"domain\":\"b\"}]", "b - - - - - - -\n",
          "entry 0: \"domain\": expected " EXPECTED "; entry skipped\n" },
        { "[{\"domain\":\"a\",\"mac-address\":\"52:54\"}]", "",
          "entry 0: \"mac-address\": expected a MAC address; entry skipped\n" },
        { "[{\"domain\":\"a\",\"bridge\":\"an-interface-this-long\",\"tap\":7}]", "a - - - - - - -\n",
          "entry 0: \"bridge\": expected " EXPECTED "; it is ignored\n"
          "entry 0: \"tap\": expected " EXPECTED "; it is ignored\n" },
        { PORTS("7"), "a - - - - - - -\n", "entry 0: \"ports\": expected an array; taken as empty\n" },
        { PORTS("[7,{\"protocol\":\"tcp\",\"host\":65536,\"guest\":22},{\"protocol\":\"x\",\"host\":1,"
          "\"guest\":1},"
                "{\"protocol\":\"tcp\",\"host\":1,\"guest\":2}]"),
          "a - - - - - - - tcp1:2\n", NO_PORT NO_PORT NO_PORT },
};

START_TEST(test_document) {
        const char *document = documents[_i].document;
        _cleanup_(nic_list_freep) NicList *list = NULL;
        _cleanup_(freep) char *nics = NULL, *problems = NULL;
        DocumentError error;

        ck_assert_int_eq(domains_file_parse(document, strlen(document), &list, &error), 0);
        nics = nics_text(list);
        problems = problems_text(&list->problems);
        ck_assert_str_eq(nics, documents[_i].nics);
        ck_assert_str_eq(problems, documents[_i].problems);
}
END_TEST

START_TEST(test_damaged) {
        check_truncations(parse_and_free, FULL, strlen(FULL));
        check_mutations(parse_and_free, FULL, strlen(FULL));
}
END_TEST

START_TEST(test_too_many_ports) {
        _cleanup_(nic_list_freep) NicList *list = NULL;
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;
        FILE *f = open_memstream(&data, &size);

        ck_assert_ptr_nonnull(f);
        fputs("[{\"domain\":\"a\",\"ports\":[", f);
        for (unsigned i = 0; i < STATED_PORTS_MAX + 5; i++)
                fprintf(f, "%s{\"protocol\":\"tcp\",\"host\":%u,\"guest\":1}", i == 0 ? "" : ",", 1 + i);
        fputs("]}]", f);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_int_eq(domains_file_parse(data, size, &list, &error), 0);
        ck_assert_uint_eq(list->nics[0].n_ports, STATED_PORTS_MAX);
        ck_assert_uint_eq(list->problems.n_problems, 1);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("domains-file");

        tcase_add_loop_test(tcase, test_document, 0, ELEMENTS(documents));
        tcase_add_test(tcase, test_damaged);
        tcase_add_test(tcase, test_too_many_ports);
        return unit_run("domains-file", tcase);
}
