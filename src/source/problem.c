/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Problems of a document.
 */

#include "source/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int document_error(DocumentError *error, int r, const char *format, ...) {
        va_list args;

        error->line = error->column = 0;

        va_start(args, format);
        (void) vsnprintf(error->text, sizeof(error->text), format, args);
        va_end(args);

        for (char *p = error->text; *p; p++)
                if (*p < ' ' || *p > '~')
                        *p = '?';
        return r;
}

int document_error_memory(DocumentError *error) {
        return document_error(error, -ENOMEM, "not enough memory");
}

void problems_add(Problems *problems, const Problem *problem) {
        if (problems->n_problems < DOCUMENT_PROBLEMS_MAX)
                problems->described[problems->n_problems] = *problem;
        problems->n_problems++;
}

const char *problem_format(const Problem *problem, char *buffer, size_t size) {
        if (problem->key)
                (void) snprintf(buffer, size, "entry %u: \"%s\": expected %s; %s", problem->entry,
                                problem->key, problem->expected, problem->done);
        else
                (void) snprintf(buffer, size, "entry %u: expected %s; %s", problem->entry, problem->expected,
                                problem->done);
        return buffer;
}
