/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Styles of text on a terminal: colours if it has them and the user wants them.  Anything else gets plain
 * text.
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

/* The sequence that starts a style on standard output or standard error, or "". */
const char *style(FILE *file, Style s);

/* The same for libsmartcols, which resets it by itself: NULL or a sequence. */
const char *style_cell(Style s);

/* Whether standard output was a terminal when the program started.  It may have been redirected to memory
 * since: see cli/pager.h. */
bool style_is_terminal(void);

/* Whether the terminal can only show lines. */
bool style_terminal_is_dumb(void);

/* The terminal's columns and rows; 80 and 24 if they are unknown. */
unsigned style_columns(void);
unsigned style_rows(void);
