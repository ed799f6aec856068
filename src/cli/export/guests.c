/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The guests of a selection.
 */

#include "cli/export/guests.h"

#include "cli/json.h"
#include "names/name.h"

/* Adds a lease's names to a guest's, except those that are taken.  taken: an object whose keys are folded
 * names. */
static int add_names(json_t *guest, const json_t *lease, json_t *taken) {
        json_t *names = json_object_get(guest, "names");
        json_t *name;
        size_t i;

        json_array_foreach(json_object_get(lease, "names"), i, name) {
                char folded[NAME_SIZE];

                if (name_fold(json_string_value(name), folded) == 0 || json_object_get(taken, folded))
                        continue;
                if (json_object_set_new(taken, folded, json_true()) < 0 || json_array_append(names, name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Returns the guest of a lease, which guests owns; creates it if necessary. */
static json_t *find_guest(json_t *guests, const json_t *lease) {
        const char *key = json_text(lease, "guest");
        json_t *guest = json_object_get(guests, key);

        if (guest)
                return guest;
        guest = json_copy((json_t *) lease);
        if (!guest || json_object_set_new(guest, "names", json_array()) < 0) {
                json_decref(guest);
                return NULL;
        }
        return json_object_set_new(guests, key, guest) < 0 ? NULL : guest;
}

int guests_make(const json_t *selection, json_t **ret) {
        _cleanup_(json_decrefp) json_t *guests = json_object(), *taken = json_object(), *list = json_array();
        const json_t *lease;
        const char *key;
        json_t *guest;
        size_t i;

        if (!guests || !taken || !list)
                return -ENOMEM;
        json_array_foreach(selection, i, lease) {
                guest = find_guest(guests, lease);
                if (!guest || add_names(guest, lease, taken) < 0)
                        return -ENOMEM;
        }
        json_object_foreach(guests, key, guest)
                if (json_array_size(json_object_get(guest, "names")) > 0 &&
                                json_array_append(list, guest) < 0)
                        return -ENOMEM;
        *ret = TAKE_PTR(list);
        return 0;
}
