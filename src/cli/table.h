/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A table for people: columns side by side, headings in capitals, as lsblk prints them.  On a terminal that
 * is too narrow, what is too long is cut off and ends with "…".
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/style.h"
#include "util/util.h"

typedef struct Table Table;

typedef struct Column {
        const char *name;
        bool right;  /* aligned: numbers, which are never cut */
        bool shrink; /* names: cut first where the terminal is too narrow */
        bool whole;  /* cut last */
} Column;

/* columns: of the caller, while the table lives.  full: nothing is cut off; lines may wrap.  Returns 0 or a
 * negative errno. */
int table_new(const Column *columns, size_t n_columns, bool headings, bool full, Table **ret);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table *, table_free);

/* Adds a row: a text a column, which may be anybody's, NULL for "-". */
int table_add(Table *t, const char *const *cells, Style s);

/* Prints on standard output. */
int table_print(Table *t);
