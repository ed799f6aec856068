/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lists of bindings.
 */

#include "source/binding.h"

#include "util/array.h"

int binding_list_add(BindingList *list, const Binding *binding, Strings *strings) {
        Binding *bindings = array_grow(list->bindings, list->n_bindings, sizeof(*bindings));

        if (!bindings)
                return -ENOMEM;
        list->bindings = bindings;
        if (strings_add(strings, binding->hostname) < 0 || strings_add(strings, binding->client_id) < 0)
                return -ENOMEM;
        bindings[list->n_bindings++] = *binding;
        return 0;
}

void binding_list_finish(BindingList *list, Strings *strings) {
        const char *cursor;

        list->bindings = array_shrink(list->bindings, list->n_bindings, sizeof(*list->bindings));
        cursor = list->strings = strings_take(strings);
        for (size_t i = 0; i < list->n_bindings; i++) {
                Binding *b = &list->bindings[i];

                b->hostname = strings_next(&cursor, b->hostname);
                b->client_id = strings_next(&cursor, b->client_id);
        }
}

BindingList *binding_list_free(BindingList *list) {
        if (list) {
                free(list->strings);
                free(list->bindings);
                free(list);
        }
        return NULL;
}
