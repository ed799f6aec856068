/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A table for people, printed by libsmartcols.
 */

#include "cli/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>

#include "cli/ellipsis.h"
#include "util/text.h"

#define COLUMNS_MAX 16

/* Names keep so many columns while other text can be cut; finally, all text keeps so many. */
#define NAME_WIDTH_MIN 8U
#define WIDTH_MIN 4U

struct Table {
        struct libscols_table *table;
        const Column *columns;
        size_t n_columns;
        bool headings, full;
};

typedef struct Width {
        size_t now;
        size_t cells; /* width of the widest cell, without the heading */
        size_t min;   /* minimum after cutting */
} Width;

int table_new(const Column *columns, size_t n_columns, bool headings, bool full, Table **ret) {
        _cleanup_(table_freep) Table *t = NULL;

        if (n_columns > COLUMNS_MAX)
                return -E2BIG;
        t = calloc(1, sizeof(Table));
        if (!t)
                return -ENOMEM;
        *t = (Table) { .columns = columns, .n_columns = n_columns, .headings = headings, .full = full };
        t->table = scols_new_table();
        if (!t->table)
                return -ENOMEM;
        scols_table_enable_noheadings(t->table, !headings);
        scols_table_enable_noencoding(t->table, true);              /* table_add() has done it */
        scols_table_enable_colors(t->table, true);                  /* where style_cell() gives some */
        scols_table_set_termforce(t->table, SCOLS_TERMFORCE_NEVER); /* table_fit() has cut long cells */
        for (size_t i = 0; i < n_columns; i++)
                if (!scols_table_new_column(t->table, columns[i].name, 0,
                                    columns[i].right ? SCOLS_FL_RIGHT : 0))
                        return -ENOMEM;
        *ret = TAKE_PTR(t);
        return 0;
}

Table *table_free(Table *t) {
        if (!t)
                return NULL;
        scols_unref_table(t->table);
        free(t);
        return NULL;
}

int table_add(Table *t, const char *const *cells, Style s) {
        struct libscols_line *line = scols_table_new_line(t->table, NULL);

        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < t->n_columns; i++) {
                char text[TEXT_NAME_SIZE];

                if (scols_line_set_data(line, i,
                                    cells[i] ? text_escape(cells[i], text, sizeof(text)) : "-") != 0)
                        return -ENOMEM;
        }
        return style_cell(s) && scols_line_set_color(line, style_cell(s)) != 0 ? -ENOMEM : 0;
}

/* ---- narrow terminals ---- */

static struct libscols_cell *table_cell(Table *t, size_t line, size_t column) {
        return scols_line_get_cell(scols_table_get_line(t->table, line), column);
}

/* Measures the columns.  Returns the total width of the table. */
static size_t measure(Table *t, Width *widths) {
        size_t total = 0, n_lines = scols_table_get_nlines(t->table);

        for (size_t i = 0; i < t->n_columns; i++) {
                Width *w = widths + i;

                *w = (Width) { 0 };
                for (size_t k = 0; k < n_lines; k++) {
                        size_t n = text_columns(scols_cell_get_data(table_cell(t, k, i)));

                        w->cells = MAX2(w->cells, n);
                }
                w->now = t->headings ? text_columns(t->columns[i].name) : 0;
                w->now = MAX2(w->now, w->cells);
                total += w->now + (i > 0 ? 1 : 0);
        }
        return total;
}

/* Removes excess columns of the terminal from the widest columns, down to their minimum.  Returns the
 * remaining excess. */
static size_t shrink(Width *widths, size_t n_widths, size_t excess) {
        for (; excess > 0; excess--) {
                Width *widest = NULL;

                for (size_t i = 0; i < n_widths; i++)
                        if (widths[i].now > widths[i].min && (!widest || widths[i].now > widest->now))
                                widest = widths + i;
                if (!widest)
                        break;
                widest->now--;
        }
        return excess;
}

/* The minimum width of a column: step 0 only cuts names, step 1 also other text and headings, step 2
 * everything except numbers. */
static size_t width_min(const Column *column, const Width *w, unsigned step) {
        if (step < 1)
                return column->shrink ? NAME_WIDTH_MIN : w->now;
        if (column->right || (column->whole && step < 2))
                return MAX2(w->cells, (size_t) 1);
        return WIDTH_MIN;
}

static void shrink_to_fit(const Table *t, Width *widths, size_t excess) {
        for (unsigned step = 0; step <= 2 && excess > 0; step++) {
                for (size_t i = 0; i < t->n_columns; i++)
                        widths[i].min = width_min(t->columns + i, widths + i, step);
                excess = shrink(widths, t->n_columns, excess);
        }
}

static int cell_cut(struct libscols_cell *cell, size_t columns) {
        char *text = text_ellipsize(scols_cell_get_data(cell), columns);

        return text && scols_cell_refer_data(cell, text) == 0 ? 0 : -ENOMEM; /* the cell frees it */
}

/* Cuts cells so that the table fits the terminal. */
static int table_fit(Table *t) {
        size_t total, n_lines = scols_table_get_nlines(t->table);
        Width widths[COLUMNS_MAX];
        int r = 0;

        total = measure(t, widths);
        if (total <= style_columns())
                return 0;
        shrink_to_fit(t, widths, total - style_columns());
        for (size_t i = 0; i < t->n_columns && r >= 0; i++) {
                r = cell_cut(scols_column_get_header(scols_table_get_column(t->table, i)), widths[i].now);
                for (size_t k = 0; k < n_lines && r >= 0; k++)
                        r = cell_cut(table_cell(t, k, i), widths[i].now);
        }
        return r;
}

int table_print(Table *t) {
        int r;

        r = style_is_terminal() && !t->full ? table_fit(t) : 0;
        return r < 0 ? r : scols_print_table(t->table);
}
