/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Documents for the tests of the lease parser library: real ones, hostile ones,
 * and what must hold whatever the document.
 */

#include <stddef.h>

#include "source/problem.h"

/* Parses and frees; what the parser returned, and its error. */
typedef int (*ParseFunc)(const char *data, size_t size, DocumentError *error);

/* A real file below tests/data/samples; the caller frees it. */
char *sample_read(const char *path, size_t *ret_size);

/* What was wrong, a line each, as problem_format() says it; the caller frees it. */
char *problems_text(const Problems *problems);

/* The document, n times the entry between brackets; the caller frees it. */
char *document_repeat(const char *entry, size_t n, size_t *ret_size);

/* That the error is one to show: a sentence of printable ASCII. */
void check_error(const DocumentError *error);

/* That every document that is no JSON array is refused with -EBADMSG. */
void check_refused(ParseFunc parse);

/* That an empty document, and one of blanks, is taken. */
void check_blank(ParseFunc parse);

/* That each truncation of the document is refused, but for those that cut off nothing but blanks or
 * leave nothing else. */
void check_truncations(ParseFunc parse, const char *data, size_t size);

/* That each change of one byte is taken or refused, and does no harm. */
void check_mutations(ParseFunc parse, const char *data, size_t size);
