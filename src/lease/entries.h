/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The entries of a document: what .status and .macs files have in common, a
 * JSON array of objects, each read as far as it is good.  Private to this library.
 *
 * Strings that the functions give out belong to the Entries; strings_keep()
 * gives them a place that outlives it.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lease/address.h"
#include "lease/problem.h"

/* What value_text() takes, in words. */
#define EXPECTED_TEXT "a string, neither empty nor too long, without NUL"

typedef struct Entries {
        json_t *array; /* NULL: an empty document */
        size_t n_entries;
        size_t next;
        LeaseProblems *problems;
} Entries;

typedef struct Entry {
        const json_t *object;
        uint32_t place;
        LeaseProblems *problems;
} Entry;

/* Reads the document.  Whatever is wrong in its entries goes to problems, here and
 * later.  Returns 0, -EBADMSG or -ENOMEM. */
int entries_load(Entries *entries, const char *data, size_t size, LeaseProblems *problems, DocumentError *error);

/* For _cleanup_(); takes one that is all zero. */
void entries_done(Entries *entries);

/* Gives the next entry that is an object; false at the end. */
bool entries_next(Entries *entries, Entry *ret);

/* The value at key, or NULL where it is missing or null. */
const json_t *entry_get(const Entry *entry, const char *key);

/* The string at key, where it is good; where it is there and isn't, counts that. */
const char *entry_text(const Entry *entry, const char *key, size_t max, const char *done);

/* Counts something bad that its entry survives. */
void entry_ignored(const Entry *entry, const char *key, const char *expected, const char *done);

/* Counts something bad that costs the entry; returns false. */
bool entry_skipped(const Entry *entry, const char *key, const char *expected);

/* The string that the value is, if it is one of 1 to max bytes without a NUL; else NULL. */
const char *value_text(const json_t *value, size_t max);

/* Whether the value is a MAC address, and which. */
bool value_mac(const json_t *value, MacAddress *ret);

/* The bytes that strings_keep() takes for the text; NULL takes none. */
size_t strings_size(const char *text);

/* Copies the text to *cursor and moves that behind it; NULL stays NULL. */
const char *strings_keep(char **cursor, const char *text);
