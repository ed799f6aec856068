/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text that is cut off at a number of terminal columns.
 */

#include <stddef.h>

/* The number of columns that the text takes. */
size_t text_columns(const char *text);

/* Returns a copy of the text that takes at most columns (1 or more) columns; cut text ends with "…". NULL: no
 * memory. */
char *text_ellipsize(const char *text, size_t columns);
