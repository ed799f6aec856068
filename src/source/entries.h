/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The entries of a document: what .status and .macs files have in common, a
 * JSON array of objects, each read as far as it is good.  Private to this library.
 *
 * One entry is in memory at a time: a tree of the whole document would take several
 * times its size, and longer to be made.  Strings that the functions give out belong to the
 * entry; Strings outlive it.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/address.h"
#include "source/problem.h"

/* What value_text() takes, in words. */
#define EXPECTED_TEXT "a string, neither empty nor too long, without NUL or non-characters"

typedef struct Entries {
        const char *data;
        size_t size;
        size_t position;  /* of what comes next */
        bool begun;
        json_t *value;    /* the entry that was given last */
        size_t n_entries; /* so far */
        LeaseProblems *problems;
} Entries;

typedef struct Entry {
        const json_t *object;
        uint32_t place;
        LeaseProblems *problems;
} Entry;

/* Begins to read a document, which must outlive this.  Whatever is wrong in its entries goes to
 * problems. */
void entries_begin(Entries *entries, const char *data, size_t size, LeaseProblems *problems);

/* For _cleanup_(); takes one that is all zero. */
void entries_done(Entries *entries);

/* Gives the next entry that is an object, in place of the one before.  Returns 1; 0 at the end;
 * -EBADMSG where the document is no good as a whole; or -ENOMEM. */
int entries_next(Entries *entries, Entry *ret, DocumentError *error);

/* The value at key, or NULL where it is missing or null. */
const json_t *entry_get(const Entry *entry, const char *key);

/* The string at key, where it is good; where it is there and isn't, counts that. */
const char *entry_text(const Entry *entry, const char *key, size_t max, const char *done);

/* Counts something bad that its entry survives. */
void entry_ignored(const Entry *entry, const char *key, const char *expected, const char *done);

/* Counts something bad that costs the entry; returns false. */
bool entry_skipped(const Entry *entry, const char *key, const char *expected);

/* The string that the value is, if it is one of 1 to max bytes that a D-Bus string can carry; else NULL. */
const char *value_text(const json_t *value, size_t max);

/* Whether the value is a MAC address, and which. */
bool value_mac(const json_t *value, MacAddress *ret);

/* Returns the array, of n elements of that size, with room for one more; or NULL, and the
 * array stays as it was. */
void *array_grow(void *array, size_t n, size_t size);

/* Gives back the room for more; returns the array. */
void *array_shrink(void *array, size_t n, size_t size);

/* Texts one after another; where they are is known only when there are no more to come. */
typedef struct Strings {
        char *data;
        size_t size, room;
} Strings;

/* For _cleanup_(). */
void strings_done(Strings *strings);

/* Appends the text; NULL is none.  Returns 0 or -ENOMEM. */
int strings_add(Strings *strings, const char *text);

/* The text at *cursor, which moves behind it, if there is to be one. */
const char *strings_next(const char **cursor, bool there);
