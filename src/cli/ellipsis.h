/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text in the columns of a terminal, cut off where there are too few of them.
 */

#include <stddef.h>

/* The columns that the text takes. */
size_t text_columns(const char *text);

/* A copy of the text that takes at most so many columns (1 or more): the end of a longer one is "…".
 * NULL: no memory. */
char *text_ellipsize(const char *text, size_t columns);
