/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The entries of a JSON document: .status and .macs files both are an array of objects, of which everything
 * valid is read.  Private to this library.
 *
 * Only one entry is in memory at a time: a tree of the whole document would take several times its size, and
 * longer to build.  Strings that these functions return belong to the entry.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "source/problem.h"
#include "util/address.h"
#include "util/arena.h"

/* What value_text() accepts, in words. */
#define EXPECTED_TEXT "a string, neither empty nor too long, without NUL or non-characters"

typedef struct Entries {
        const char *data;
        size_t size;
        size_t offset;       /* of the next byte to read */
        bool started;        /* the opening bracket has been read */
        const json_t *value; /* the entry that was returned last */
        Arena arena;         /* which has that value */
        size_t n_entries;    /* so far */
        Problems *problems;
} Entries;

typedef struct Entry {
        const json_t *object;
        uint32_t position; /* in the array, from 0 */
        Problems *problems;
} Entry;

/* Starts reading a document of size bytes at data, which must outlive *entries.  Problems of entries are
 * added to *problems. */
void entries_start(Entries *entries, const char *data, size_t size, Problems *problems);

/* For _cleanup_(); accepts an Entries that is all zero. */
void entries_done(Entries *entries);

/* Reads the next entry that is an object, and frees the one before.  Returns 1; 0 at the end; -EBADMSG if the
 * document as a whole is invalid; -ENOMEM. */
int entries_next(Entries *entries, Entry *ret, DocumentError *error);

/* The value at key, or NULL if it is missing or null. */
const json_t *entry_get(const Entry *entry, const char *key);

/* The string at key.  An invalid one counts as a problem, with done as its consequence, and NULL is returned.
 */
const char *entry_text(const Entry *entry, const char *key, size_t max, const char *done);

/* Counts a problem that doesn't cost the entry. */
void entry_ignored(const Entry *entry, const char *key, const char *expected, const char *done);

/* Counts a problem that costs the entry.  Returns false. */
bool entry_skipped(const Entry *entry, const char *key, const char *expected);

/* The value's string if it has 1 to max bytes and a D-Bus string can carry it; else NULL. */
const char *value_text(const json_t *value, size_t max);

/* Returns whether the value is a MAC address, and which. */
bool value_mac(const json_t *value, MacAddress *ret);
