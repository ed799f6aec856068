/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The entries of a document: bytes to a JSON array, and out of its objects
 * what is as it should be.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/entries.h"
#include "util/limits.h"
#include "util/utf8.h"
#include "util/util.h"

static bool error_is_memory(const json_error_t *error) {
        /* jansson gives some failed allocations no error at all, and calls others an "invalid
         * token"; errno tells them from a bad document. */
        return errno == ENOMEM || json_error_code(error) == json_error_out_of_memory;
}

/* Says what is wrong with the document as a whole, as jansson sees it. */
static int entries_explain(const Entries *entries, DocumentError *error) {
        json_error_t json_error = { 0 };
        json_t *root;

        errno = 0;
        root = json_loadb(entries->data, entries->size, JSON_ALLOW_NUL, &json_error);
        if (root) {
                json_decref(root);
                return document_error(error, -EBADMSG, "not a JSON array, but an object");
        }
        if (error_is_memory(&json_error))
                return document_error_memory(error);

        (void) document_error(error, -EBADMSG, "not JSON: %s", json_error.text);
        error->line = MAX2(json_error.line, 0);
        error->column = MAX2(json_error.column, 0);
        return -EBADMSG;
}

void entries_begin(Entries *entries, const char *data, size_t size, LeaseProblems *problems) {
        *entries = (Entries) { .data = data, .size = size, .problems = problems };
}

void entries_done(Entries *entries) {
        json_decref(entries->value);
        entries->value = NULL;
}

/* The next character that isn't blank; 0 at the document's end. */
static char entries_peek(Entries *entries) {
        while (entries->position < entries->size && memchr(" \t\r\n", entries->data[entries->position], 4))
                entries->position++;
        return entries->position < entries->size ? entries->data[entries->position] : '\0';
}

/* Moves on to where a value should be.  Returns 1; 0 at the end of the array; or -EBADMSG. */
static int entries_advance(Entries *entries) {
        char c = entries_peek(entries);
        bool first = !entries->begun;

        if (first && entries->position == entries->size)
                return 0; /* no bytes, or blanks alone, are an empty list */
        if (first && c != '[')
                return -EBADMSG;
        if (first || c == ',') {
                entries->begun = true;
                entries->position++;
                c = entries_peek(entries);
                if (!first || c != ']')
                        return 1;
        }

        if (c != ']')
                return -EBADMSG;
        entries->position++;
        (void) entries_peek(entries);
        return entries->position == entries->size ? 0 : -EBADMSG;
}

/* Reads the value that is next. */
static int entries_load(Entries *entries) {
        json_error_t error = { 0 };

        entries_done(entries);
        errno = 0;
        entries->value = json_loadb(entries->data + entries->position, entries->size - entries->position,
                        JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error);
        if (!entries->value)
                return error_is_memory(&error) ? -ENOMEM : -EBADMSG;
        entries->position += (size_t) error.position;
        return 0;
}

/* Whether the value that was read is an entry to be given. */
static bool entries_take(Entries *entries, Entry *ret) {
        Entry entry = {
                .object = entries->value,
                .place = (uint32_t) entries->n_entries,
                .problems = entries->problems,
        };

        entries->n_entries++;
        if (entry.place >= LEASE_FILE_ENTRIES_MAX) {
                if (entry.place == LEASE_FILE_ENTRIES_MAX)
                        lease_problems_add(entries->problems, &(LeaseProblem) {
                                .entry = entry.place,
                                .expected = "fewer entries",
                                .done = "this and all later ones skipped",
                        });
                entries->problems->n_skipped++;
                return false;
        }
        if (!json_is_object(entry.object))
                return entry_skipped(&entry, NULL, "an object");
        *ret = entry;
        return true;
}

int entries_next(Entries *entries, Entry *ret, DocumentError *error) {
        for (;;) {
                int r = entries_advance(entries);

                if (r == 0)
                        return 0;
                if (r > 0)
                        r = entries_load(entries);
                if (r == -ENOMEM)
                        return document_error_memory(error);
                if (r < 0)
                        return entries_explain(entries, error);
                if (entries_take(entries, ret))
                        return 1;
        }
}

const json_t *entry_get(const Entry *entry, const char *key) {
        const json_t *value = json_object_get(entry->object, key);

        return json_is_null(value) ? NULL : value;
}

const char *entry_text(const Entry *entry, const char *key, size_t max, const char *done) {
        const json_t *value = entry_get(entry, key);
        const char *text = value_text(value, max);

        if (value && !text)
                entry_ignored(entry, key, EXPECTED_TEXT, done);
        return text;
}

void entry_ignored(const Entry *entry, const char *key, const char *expected, const char *done) {
        lease_problems_add(entry->problems, &(LeaseProblem) {
                .entry = entry->place,
                .key = key,
                .expected = expected,
                .done = done,
        });
}

bool entry_skipped(const Entry *entry, const char *key, const char *expected) {
        entry_ignored(entry, key, expected, "entry skipped");
        entry->problems->n_skipped++;
        return false;
}

const char *value_text(const json_t *value, size_t max) {
        const char *text = json_string_value(value);
        size_t length = json_string_length(value);

        if (!text || length < 1 || length > max || memchr(text, '\0', length) || !utf8_is_string(text))
                return NULL;
        return text;
}

bool value_mac(const json_t *value, MacAddress *ret) {
        const char *text = value_text(value, NAME_LENGTH_MAX);

        return text && mac_parse(text, ret) >= 0;
}

void *array_grow(void *array, size_t n, size_t size) {
        if (array && (n < 16 || (n & (n - 1)) != 0))
                return array;
        return reallocarray(array, n < 16 ? 16 : 2 * n, size);
}

void *array_shrink(void *array, size_t n, size_t size) {
        void *shrunk = n > 0 ? reallocarray(array, n, size) : NULL;

        return shrunk ? shrunk : array;
}

void strings_done(Strings *strings) {
        free(strings->data);
        strings->data = NULL;
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

const char *strings_next(const char **cursor, bool there) {
        const char *text = *cursor;

        if (!there)
                return NULL;
        *cursor = text + strlen(text) + 1;
        return text;
}
