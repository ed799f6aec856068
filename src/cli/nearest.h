/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Finds the intended word for a mistyped one.
 */

#include <stdbool.h>

/* Longer words aren't compared. */
#define NEAREST_WORD_MAX 31U

/* The number of mistakes between two words: a character that is wrong, missing, added, or swapped with the
 * next. NEAREST_WORD_MAX + 1 if a word is too long. */
unsigned nearest_distance(const char *a, const char *b);

/* Whether word may have been meant: typed is a prefix of it, or nearly equals it. */
bool nearest_may_mean(const char *typed, const char *word);
