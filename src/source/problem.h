/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Problems of a document: of single entries, or of the whole.  All messages are safe to log: those about
 * entries contain no text of the file, those about documents only printable ASCII.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/limits.h"
#include "util/util.h"

typedef struct Problem {
        uint32_t entry;       /* its position in the document, from 0 */
        const char *key;      /* "ip-address", ...; NULL: the entry as a whole */
        const char *expected; /* "an IPv4 or IPv6 address", ... */
        const char *done;     /* "entry skipped", "hostname ignored", ... */
} Problem;

typedef struct Problems {
        size_t n_problems;                        /* all of them */
        size_t n_skipped;                         /* entries that were skipped */
        Problem described[DOCUMENT_PROBLEMS_MAX]; /* the first ones */
} Problems;

/* Why a document as a whole could not be read. */
typedef struct DocumentError {
        int line, column; /* from 1; 0: unknown */
        char text[160];   /* one sentence, printable ASCII, no final dot */
} DocumentError;

/* Sets the text, with "?" in place of everything that isn't printable ASCII, and clears line and column.
 * Returns r. */
_printf_(3, 4) int document_error(DocumentError *error, int r, const char *format, ...);

/* The same for -ENOMEM. */
int document_error_memory(DocumentError *error);

/* Counts the problem, and describes it if there is room. */
void problems_add(Problems *problems, const Problem *problem);

/* "entry 3: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped".  Entries are numbered from 0,
 * as in jq.  Returns buffer. */
const char *problem_format(const Problem *problem, char *buffer, size_t size);
