/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How things look on a terminal: colours where there is one, and where the user wants
 * them.  What isn't a terminal gets plain text.
 */

#include <stdbool.h>
#include <stdio.h>

typedef enum Style {
        STYLE_PLAIN = 0,
        STYLE_BOLD,
        STYLE_GREY,
        STYLE_GREEN,
        STYLE_YELLOW,
        STYLE_RED,
} Style;

/* The sequence that begins a style on standard output or standard error, or "". */
const char *style(FILE *file, Style s);

/* The same for libsmartcols, which ends it by itself: NULL or a sequence. */
const char *style_cell(Style s);

/* Whether standard output was a terminal when the program began, also where a pager has
 * taken its place since. */
bool style_is_terminal(void);

/* The terminal's columns; 80 where it doesn't say. */
unsigned style_columns(void);

/* Sends standard output through a pager, where it is a terminal.  pager_close() waits
 * for its end. */
void pager_open(void);
void pager_close(void);
