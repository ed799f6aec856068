/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as a .status document.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "source/status-file.h"
#include "problems.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(binding_list_freep) BindingList *list = NULL;
        DocumentError error;
        int r;

        r = status_file_parse((const char *) data, size, &list, &error);
        if (r < 0) {
                assert(r == -EBADMSG && !list);
                check_printable(error.text);
                return 0;
        }

        check_problems(&list->problems);
        for (size_t i = 0; i < list->n_bindings; i++) {
                const Binding *l = &list->bindings[i];

                assert(address_length(l->address.family) > 0);
                assert(i == 0 || l->position > list->bindings[i - 1].position);
                assert(!l->hostname || (l->hostname[0] != '\0' && strlen(l->hostname) <= NAME_LENGTH_MAX));
                assert(!l->client_id || strlen(l->client_id) <= CLIENT_ID_LENGTH_MAX);
                assert((!l->hostname || utf8_is_string(l->hostname)) &&
                                (!l->client_id || utf8_is_string(l->client_id)));
        }
        return 0;
}
