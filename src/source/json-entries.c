/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The entries of a JSON document.
 */

#include "source/json-entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/json-load.h"
#include "util/limits.h"
#include "util/utf8.h"
#include "util/util.h"

/* Describes the document's error in jansson's words. */
static int entries_explain(Entries *entries, DocumentError *error) {
        json_error_t json_error = { 0 };
        const json_t *root;
        int r;

        arena_clear(&entries->arena);
        r = json_load_arena(&entries->arena, entries->data, entries->size, JSON_ALLOW_NUL, &root,
                        &json_error);
        if (r == -ENOMEM)
                return document_error_memory(error);
        if (r >= 0)
                return document_error(error, -EBADMSG, "not a JSON array, but an object");

        (void) document_error(error, -EBADMSG, "not JSON: %s", json_error.text);
        error->line = MAX2(json_error.line, 0);
        error->column = MAX2(json_error.column, 0);
        return -EBADMSG;
}

void entries_start(Entries *entries, const char *data, size_t size, Problems *problems) {
        *entries = (Entries) { .data = data, .size = size, .problems = problems };
}

void entries_done(Entries *entries) {
        arena_done(&entries->arena);
}

/* Skips blanks.  Returns the next character, without reading it; 0 at the end of the document. */
static char entries_peek(Entries *entries) {
        while (entries->offset < entries->size && memchr(" \t\r\n", entries->data[entries->offset], 4))
                entries->offset++;
        return entries->offset < entries->size ? entries->data[entries->offset] : '\0';
}

/* Reads up to the next value.  Returns 1; 0 at the end of the array; -EBADMSG. */
static int entries_advance(Entries *entries) {
        char c = entries_peek(entries);
        bool first = !entries->started;

        if (first && entries->offset == entries->size)
                return 0; /* an empty document, or one of blanks, is an empty list */
        if (first && c != '[')
                return -EBADMSG;
        if (first || c == ',') {
                entries->started = true;
                entries->offset++;
                c = entries_peek(entries);
                if (!first || c != ']')
                        return 1;
        }

        if (c != ']')
                return -EBADMSG;
        entries->offset++;
        (void) entries_peek(entries);
        return entries->offset == entries->size ? 0 : -EBADMSG;
}

/* Reads the next value. */
static int entries_load(Entries *entries) {
        const size_t flags = JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK;
        json_error_t error = { 0 };
        int r;

        arena_clear(&entries->arena);
        r = json_load_arena(&entries->arena, entries->data + entries->offset, entries->size - entries->offset,
                        flags, &entries->value, &error);
        if (r >= 0)
                entries->offset += (size_t) error.position;
        return r;
}

/* Returns whether the value that was read is a valid entry, and the entry. */
static bool entries_take(Entries *entries, Entry *ret) {
        Entry entry = {
                .object = entries->value,
                .position = (uint32_t) entries->n_entries,
                .problems = entries->problems,
        };
        const Problem too_many = {
                .entry = entry.position,
                .expected = "fewer entries",
                .done = "this and all later ones skipped",
        };

        entries->n_entries++;
        if (entry.position >= LEASE_FILE_ENTRIES_MAX) {
                if (entry.position == LEASE_FILE_ENTRIES_MAX)
                        problems_add(entries->problems, &too_many);
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
        const Problem problem = { .entry = entry->position, .key = key, .expected = expected, .done = done };

        problems_add(entry->problems, &problem);
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
