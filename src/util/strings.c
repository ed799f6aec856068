/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many strings in one block of memory.
 */

#include "util/strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/util.h"

void strings_done(Strings *strings) {
        free(strings->data);
        *strings = (Strings) { 0 };
}

int strings_add(Strings *strings, const char *text) {
        size_t size = text ? strlen(text) + 1 : 0;

        if (strings->size + size > strings->room) {
                size_t room = 2 * strings->room + size + 256;
                char *data = reallocarray(strings->data, room, 1);

                if (!data)
                        return -ENOMEM;
                strings->data = data;
                strings->room = room;
        }
        if (text)
                memcpy(strings->data + strings->size, text, size);
        strings->size += size;
        return 0;
}

char *strings_take(Strings *strings) {
        char *data = array_shrink(strings->data, strings->size, 1);

        *strings = (Strings) { 0 };
        return data;
}

const char *strings_next(const char **cursor, bool added) {
        const char *text = *cursor;

        if (!added)
                return NULL;
        *cursor = text + strlen(text) + 1;
        return text;
}
