/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as a .hostsfile, and as a .addnhosts document.
 */

#include <assert.h>
#include <string.h>

#include "source/hosts-file.h"
#include "problems.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const BindingList *list, bool has_mac) {
        check_problems(&list->problems);
        for (size_t i = 0; i < list->n_bindings; i++) {
                const Binding *b = list->bindings + i;

                assert(address_length(b->address.family) > 0 && b->has_mac == has_mac && b->expiry == 0);
                assert(b->hostname[0] != '\0' && strlen(b->hostname) <= NAME_LENGTH_MAX);
                assert(utf8_is_string(b->hostname) && !strpbrk(b->hostname, "\n,"));
                assert(i == 0 || b->position >= list->bindings[i - 1].position);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(binding_list_freep) BindingList *hosts = NULL, *addn_hosts = NULL;
        DocumentError error;

        assert(hosts_file_parse((const char *) data, size, &hosts, &error) == 0);
        check_list(hosts, true);
        assert(addn_hosts_parse((const char *) data, size, &addn_hosts, &error) == 0);
        for (size_t i = 0; i < addn_hosts->n_bindings; i++)
                assert(!strpbrk(addn_hosts->bindings[i].hostname, " \t"));
        return 0;
}
