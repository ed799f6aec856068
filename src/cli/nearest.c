/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Finds the intended word for a mistyped one.
 */

#include "cli/nearest.h"

#include <string.h>

#include "util/util.h"

/* With more mistakes it is a different word. */
#define LETTERS_PER_MISTAKE 3U

unsigned nearest_distance(const char *a, const char *b) {
        /* distance between the first i characters of a and the first k of b: optimal string alignment */
        unsigned d[NEAREST_WORD_MAX + 1][NEAREST_WORD_MAX + 1];
        size_t n = strlen(a), m = strlen(b);

        if (n > NEAREST_WORD_MAX || m > NEAREST_WORD_MAX)
                return NEAREST_WORD_MAX + 1;
        for (unsigned i = 0; i <= n; i++)
                for (unsigned k = 0; k <= m; k++) {
                        if (i == 0 || k == 0) {
                                d[i][k] = i + k;
                                continue;
                        }
                        d[i][k] = MIN2(d[i - 1][k], d[i][k - 1]) + 1;
                        d[i][k] = MIN2(d[i][k], d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
                        if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                                d[i][k] = MIN2(d[i][k], d[i - 2][k - 2] + 1);
                }
        return d[n][m];
}

bool nearest_may_mean(const char *typed, const char *word) {
        if (typed[0] != '\0' && strncmp(word, typed, strlen(typed)) == 0)
                return true;
        return nearest_distance(typed, word) <= strlen(word) / LETTERS_PER_MISTAKE;
}
