/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What holds for the problems of any document.
 */

#include <assert.h>
#include <string.h>

#include "source/problem.h"

static inline void check_printable(const char *text) {
        assert(text[0] != '\0');
        for (; *text; text++)
                assert(*text >= ' ' && *text <= '~');
}

static inline void check_problems(const Problems *problems) {
        char text[256];

        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                check_printable(problem_format(problems->described + i, text, sizeof(text)));
}
