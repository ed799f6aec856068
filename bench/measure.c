/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Durations and names.
 */

#include "measure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *what) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

void samples_add(Samples *s, uint64_t ns) {
        if (s->n >= s->room) {
                s->room = s->room * 2 + 1024;
                s->ns = realloc(s->ns, s->room * sizeof(*s->ns));
                if (!s->ns)
                        die("samples");
        }
        s->ns[s->n++] = ns;
}

static int compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

void samples_print(Samples *s) {
        if (s->n == 0)
                die("no samples");
        qsort(s->ns, s->n, sizeof(*s->ns), compare);
        printf("{\"n\": %zu, \"min\": %" PRIu64 ", \"median\": %" PRIu64 ", \"p99\": %" PRIu64 "}", s->n,
                        s->ns[0], s->ns[s->n / 2], s->ns[(s->n - 1) * 99 / 100]);
        s->n = 0;
}

Names names_read(const char *path) {
        FILE *f = fopen(path, "re");
        Names names = { 0 };
        char *line = NULL;
        size_t size = 0;
        ssize_t n;

        if (!f)
                die(path);
        while ((n = getline(&line, &size, f)) > 0) {
                line[n - 1] = '\0';
                names.names = reallocarray(names.names, names.n + 1, sizeof(*names.names));
                if (!names.names)
                        die(path);
                names.names[names.n++] = strdup(line);
        }
        free(line);
        (void) fclose(f);
        if (names.n == 0)
                die(path);
        return names;
}
