/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Memory that is short: preloaded, it lets the allocation whose number is in $FAILING_ALLOCATION fail.  To
 * $ALLOCATIONS it writes how many there were.
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/util.h"

/* glibc's, under the names that are there to be called from a replacement. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static unsigned long n_allocations;

__attribute__((__destructor__)) static void tell(void) {
        const char *path = getenv("ALLOCATIONS");
        FILE *file = path ? fopen(path, "we") : NULL;

        if (!file)
                return;
        fprintf(file, "%lu", n_allocations);
        fclose(file);
}

static bool fails(void) {
        static unsigned long failing;

        if (failing == 0) {
                const char *number = getenv("FAILING_ALLOCATION");

                failing = number ? strtoul(number, NULL, 10) : -1UL;
        }
        if (++n_allocations != failing)
                return false;
        errno = ENOMEM;
        return true;
}

_public_ void *malloc(size_t size) {
        return fails() ? NULL : __libc_malloc(size);
}

_public_ void *calloc(size_t n, size_t size) {
        return fails() ? NULL : __libc_calloc(n, size);
}

_public_ void *realloc(void *p, size_t size) {
        return fails() ? NULL : __libc_realloc(p, size);
}
