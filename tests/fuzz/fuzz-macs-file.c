/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as a .macs document.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "source/macs-file.h"
#include "problems.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(mac_map_freep) MacMap *map = NULL;
        char buffer[MAC_TEXT_MAX];
        DocumentError error;
        int r;

        r = macs_file_parse((const char *) data, size, &map, &error);
        if (r < 0) {
                assert(r == -EBADMSG && !map);
                check_printable(error.text);
                return 0;
        }

        check_problems(&map->problems);
        for (size_t i = 0; i < map->n_domains; i++) {
                const DomainMacs *d = &map->domains[i];

                assert(d->domain[0] != '\0' && strlen(d->domain) <= NAME_LENGTH_MAX &&
                                utf8_is_string(d->domain));
                assert(d->n_macs <= DOMAIN_MACS_MAX);
                for (size_t j = 0; j < d->n_macs; j++)
                        assert(strlen(mac_format(&d->macs[j], buffer)) == MAC_TEXT_MAX - 1);
        }
        return 0;
}
