/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A table for people, by libsmartcols.
 */

#include "cli/table.h"

#include <libsmartcols.h>
#include <string.h>

#include "util/text.h"

/* On a narrower terminal lines wrap: of names cut shorter nothing would be left. */
#define COLUMNS_MIN 80U

struct Table {
        struct libscols_table *table;
        size_t n_columns;
};

int table_new(const Column *columns, size_t n_columns, bool headings, Table **ret) {
        _cleanup_(table_freep) Table *t = NULL;

        t = calloc(1, sizeof(Table));
        if (!t)
                return -ENOMEM;
        t->n_columns = n_columns;
        t->table = scols_new_table();
        if (!t->table)
                return -ENOMEM;
        scols_table_enable_noheadings(t->table, !headings);
        scols_table_enable_noencoding(t->table, true); /* table_add() has done it */
        scols_table_enable_colors(t->table, true);     /* where style_cell() gives some */
        scols_table_set_termforce(t->table, style_is_terminal() ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        if (style_is_terminal())
                scols_table_set_termwidth(t->table, MAX2(style_columns(), COLUMNS_MIN));
        for (size_t i = 0; i < n_columns; i++)
                if (!scols_table_new_column(t->table, columns[i].name, 0,
                                    (columns[i].right ? SCOLS_FL_RIGHT : 0) |
                                                    (columns[i].shrink ? SCOLS_FL_TRUNC : 0)))
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

                if (scols_line_set_data(line, i, cells[i] ? text_escape(cells[i], text, sizeof(text)) : "-") != 0)
                        return -ENOMEM;
        }
        return style_cell(s) && scols_line_set_color(line, style_cell(s)) != 0 ? -ENOMEM : 0;
}

int table_print(Table *t) {
        return scols_print_table(t->table);
}
