/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A table for people: columns side by side, headings in capitals, like lsblk's.  If the terminal is too
 * narrow, long cells are cut off and end with "…".
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/style.h"
#include "util/util.h"

typedef struct Table Table;

typedef struct Column {
        const char *name;
        bool right;  /* right-aligned: numbers, never cut */
        bool shrink; /* names: cut first */
        bool whole;  /* cut last */
} Column;

/* columns: must outlive the table.  full: nothing is cut off; lines may wrap.  Returns 0 or a negative errno.
 */
int table_new(const Column *columns, size_t n_columns, bool headings, bool full, Table **ret);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table *, table_free);

/* Adds a row: one untrusted text for each column, NULL for "-". */
int table_add(Table *t, const char *const *cells, Style s);

/* Prints the table on standard output. */
int table_print(Table *t);
