/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The right word for a mistyped one.
 */

#include <stdbool.h>

/* A longer word is like no other. */
#define NEAREST_WORD_MAX 31U

/* How many mistakes make one word of the other: a character that is wrong, missing, too many, or swapped with
 * the next.  NEAREST_WORD_MAX + 1 if a word is too long. */
unsigned nearest_distance(const char *a, const char *b);

/* Whether a word may have been meant by what was typed: it begins with that, or nearly is that. */
bool nearest_may_mean(const char *typed, const char *word);
