/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as an index of names.
 */

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "names/name.h"
#include "index/reader.h"
#include "util/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
        "web1", "WEB1.", "web1.lab.example", "db", "vm-app", "Web Server", "localhost", "wpad", "_x",
        "github.com", "",
};

static const struct {
        int family;
        const char *text;
} addresses[] = {
        { AF_INET, "10.0.0.1" }, { AF_INET, "10.0.0.2" },   { AF_INET, "127.0.0.1" },
        { AF_INET6, "fd00::1" }, { AF_INET6, "fe80::1" },   { AF_INET6, "::1" },
};

static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };

static void check_result(int r) {
        assert(r == -EBADMSG || (r >= LOOKUP_FOUND && r <= LOOKUP_NO_FAMILY));
}

/* What holds for every entry of every answer. */
static void check_entry(const Answer *a, const IndexEntry *e, char folded[static NAME_SIZE]) {
        assert(e->name < sizeof(a->buffer) && memchr(answer_name(a, e), 0, sizeof(a->buffer) - e->name));
        assert(e->interface[sizeof(e->interface) - 1] == '\0' && e->ifindex == 0);
        assert(address_is_guests(e->family, e->address));
        assert(name_fold(answer_name(a, e), folded) > 0 && !name_is_reserved(folded));
}

static void find_name(const Index *index, const char *name, int family) {
        char folded[NAME_SIZE], wanted[NAME_SIZE];
        Answer answer;

        for (int variant = VARIANT_LEASE; variant <= VARIANT_DOMAIN; variant++) {
                int r = index_find_name(index, variant, name, family, NULL, 1000, &answer);

                check_result(r);
                if (r != LOOKUP_FOUND)
                        continue;
                assert(answer.n_entries > 0 && name_fold(name, wanted) > 0);
                for (size_t i = 0; i < answer.n_entries; i++) {
                        const IndexEntry *e = answer.entries + i;

                        check_entry(&answer, e, folded);
                        assert(strcmp(folded, wanted) == 0);
                        assert(e->expiry == 0 || e->expiry >= 1000);
                        assert(family == AF_UNSPEC || e->family == family);
                }
        }
}

static void find_address(const Index *index, int family, const char *text) {
        uint8_t address[16] = { 0 };
        char folded[NAME_SIZE];
        Answer answer;

        assert(inet_pton(family, text, address) == 1);
        for (int variant = 0; variant <= VARIANT_DOMAIN; variant++) {
                int r = index_find_address(index, variant, family, address, NULL, 1000, &answer);

                check_result(r);
                if (r != LOOKUP_FOUND)
                        continue;
                assert(answer.n_entries > 0 && !address_is_link_local(family, address));
                for (size_t i = 0; i < answer.n_entries; i++) {
                        check_entry(&answer, answer.entries + i, folded);
                        assert(name_is_hostname(folded));
                        assert(memcmp(answer.entries[i].address, address, family == AF_INET ? 4 : 16) == 0);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(closep) int fd = memfd_create("index", MFD_CLOEXEC);
        Index index;
        int r;

        assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
        r = index_load(fd, &index);
        assert(r == 0 || r == -EBADMSG);
        if (r < 0)
                return 0;

        for (size_t i = 0; i < ELEMENTS(names); i++)
                for (size_t k = 0; k < ELEMENTS(families); k++)
                        find_name(&index, names[i], families[k]);
        for (size_t i = 0; i < ELEMENTS(addresses); i++)
                find_address(&index, addresses[i].family, addresses[i].text);
        return 0;
}
