/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The entries of a document: bytes to a JSON array, and out of its objects
 * what is as it should be.
 */

#include <errno.h>
#include <string.h>

#include "lease/entries.h"
#include "util/limits.h"
#include "util/util.h"

static bool is_blank(const char *data, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (!memchr(" \t\r\n", data[i], 4))
                        return false;
        return true;
}

/* jansson gives some failed allocations no error at all, and calls others an
 * "invalid token"; errno tells them from a bad document. */
static int array_load(const char *data, size_t size, json_t **ret, DocumentError *error) {
        json_error_t json_error = { 0 };
        json_t *root;

        errno = 0;
        root = json_loadb(data, size, JSON_ALLOW_NUL, &json_error);
        if (!root) {
                if (errno == ENOMEM || json_error_code(&json_error) == json_error_out_of_memory)
                        return document_error_memory(error);

                (void) document_error(error, -EBADMSG, "not JSON: %s", json_error.text);
                error->line = MAX2(json_error.line, 0);
                error->column = MAX2(json_error.column, 0);
                return -EBADMSG;
        }

        if (!json_is_array(root)) {
                json_decref(root);
                return document_error(error, -EBADMSG, "not a JSON array, but an object");
        }

        *ret = root;
        return 0;
}

/* Keeps a document of too many entries to its first. */
static void limit_entries(Entries *entries) {
        size_t n_more = entries->n_entries - LEASE_FILE_ENTRIES_MAX;

        lease_problems_add(entries->problems, &(LeaseProblem) {
                .entry = LEASE_FILE_ENTRIES_MAX,
                .expected = "fewer entries",
                .done = "this and all later ones skipped",
        });
        entries->problems->n_skipped += n_more;
        entries->n_entries -= n_more;
}

int entries_load(Entries *entries, const char *data, size_t size, LeaseProblems *problems, DocumentError *error) {
        int r;

        *entries = (Entries) { .problems = problems };
        if (is_blank(data, size))
                return 0;

        r = array_load(data, size, &entries->array, error);
        if (r < 0)
                return r;

        entries->n_entries = json_array_size(entries->array);
        if (entries->n_entries > LEASE_FILE_ENTRIES_MAX)
                limit_entries(entries);
        return 0;
}

void entries_done(Entries *entries) {
        json_decref(entries->array);
        entries->array = NULL;
}

bool entries_next(Entries *entries, Entry *ret) {
        while (entries->next < entries->n_entries) {
                Entry entry = {
                        .object = json_array_get(entries->array, entries->next),
                        .place = (uint32_t) entries->next,
                        .problems = entries->problems,
                };

                entries->next++;
                if (json_is_object(entry.object)) {
                        *ret = entry;
                        return true;
                }
                (void) entry_skipped(&entry, NULL, "an object");
        }
        return false;
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

        if (!text || length < 1 || length > max || memchr(text, '\0', length))
                return NULL;
        return text;
}

bool value_mac(const json_t *value, MacAddress *ret) {
        const char *text = value_text(value, NAME_LENGTH_MAX);

        return text && mac_parse(text, ret) >= 0;
}

size_t strings_size(const char *text) {
        return text ? strlen(text) + 1 : 0;
}

const char *strings_keep(char **cursor, const char *text) {
        char *kept = *cursor;

        if (!text)
                return NULL;

        *cursor = stpcpy(kept, text) + 1;
        return kept;
}
