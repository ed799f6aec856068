/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What was wrong in a document, entry by entry or as a whole.  Every message is
 * safe to log: an entry's holds no text out of the file, a document's
 * only printable ASCII.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/limits.h"
#include "util/util.h"

typedef struct LeaseProblem {
        uint32_t entry;       /* place in the array, from 0 */
        const char *key;      /* "ip-address", ...; NULL: the entry as such */
        const char *expected; /* "an IPv4 or IPv6 address", ... */
        const char *done;     /* "entry skipped", "hostname ignored", ... */
} LeaseProblem;

typedef struct LeaseProblems {
        size_t n_problems; /* all that there were */
        size_t n_skipped;  /* the entries that they cost */
        LeaseProblem described[LEASE_PROBLEMS_MAX]; /* the first of them */
} LeaseProblems;

/* Why a document as a whole could not be read. */
typedef struct DocumentError {
        int line, column; /* from 1; 0: not known */
        char text[160];   /* one sentence, printable ASCII, no final dot */
} DocumentError;

/* Writes the sentence, with "?" for all that isn't printable ASCII and no place;
 * returns r. */
_printf_(3, 4) int document_error(DocumentError *error, int r, const char *format, ...);

/* The same for -ENOMEM. */
int document_error_memory(DocumentError *error);

/* Counts the problem, and describes it while there is room. */
void lease_problems_add(LeaseProblems *problems, const LeaseProblem *problem);

/* "entry 3: \"ip-address\": expected an IPv4 or IPv6 address; entry skipped".
 * Entries are counted from 0, as jq does. Returns buffer. */
const char *lease_problem_format(const LeaseProblem *problem, char *buffer, size_t size);
