/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the measuring programs have in common: durations in ns, collected and summed up;
 * and the names that they ask for.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

typedef struct Samples {
        size_t n, room;
        uint64_t *ns;
} Samples;

static inline uint64_t now_ns(clockid_t clock) {
        struct timespec t;

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}

/* Where a failure means that nothing was measured: says what failed, and ends. */
_Noreturn void die(const char *what);

void samples_add(Samples *s, uint64_t ns);

/* Prints {"n": ..., "min": ..., "median": ..., "p99": ...}, and empties them. */
void samples_print(Samples *s);

/* The lines of a file. */
typedef struct Names {
        size_t n;
        char **names;
} Names;

Names names_read(const char *path);

static inline const char *names_any(const Names *names) {
        return names->names[(size_t) rand() % names->n];
}
