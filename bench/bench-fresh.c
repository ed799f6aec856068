/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a fresh process takes from its start to its end:
 *
 *     bench-fresh BLOCKS PROCESSES LINK PROGRAM NAME {SERVICES=TARGET}...
 *
 * Each block runs so many processes "PROGRAM SERVICES NAME" of each kind in turn, one after
 * another, with the link LINK leading to TARGET.  Prints a JSON array, one element each:
 * of the clock, and of the processors' time.
 */

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

typedef struct Kind {
        char *services, *target;
        Samples wall, cpu;
        size_t n_found;
} Kind;

static void link_set(const char *link, const char *target) {
        (void) unlink(link);
        if (symlink(target, link) < 0)
                die(link);
}

static uint64_t timeval_ns(struct timeval t) {
        return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_usec * 1000;
}

static void spawn(char *program, char *name, Kind *k) {
        char *const argv[] = { program, k->services, name, NULL }, *const environment[] = { NULL };
        uint64_t begin = now_ns(CLOCK_MONOTONIC);
        struct rusage usage;
        int status;
        pid_t pid;

        errno = posix_spawn(&pid, program, NULL, NULL, argv, environment);
        if (errno != 0 || wait4(pid, &status, 0, &usage) != pid)
                die(program);
        samples_add(&k->wall, now_ns(CLOCK_MONOTONIC) - begin);
        samples_add(&k->cpu, timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime));
        k->n_found += WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void print(Kind *kinds, size_t n) {
        for (size_t i = 0; i < n; i++) {
                printf("%s{\"found\": %zu, \"wall\": ", i == 0 ? "[" : ", ", kinds[i].n_found);
                samples_print(&kinds[i].wall);
                printf(", \"cpu\": ");
                samples_print(&kinds[i].cpu);
                printf("}");
        }
        printf("]\n");
}

int main(int argc, char **argv) {
        size_t n = argc < 7 ? 0 : (size_t) argc - 6;
        Kind *kinds = calloc(n + 1, sizeof(*kinds));

        if (n == 0 || !kinds) {
                fprintf(stderr, "usage: bench-fresh BLOCKS PROCESSES LINK PROGRAM NAME SERVICES=TARGET...\n");
                return 2;
        }
        for (size_t i = 0; i < n; i++) {
                kinds[i].services = strsep(argv + 6 + i, "=");
                kinds[i].target = argv[6 + i];
        }
        for (int b = 0; b < atoi(argv[1]); b++)
                for (size_t i = 0; i < n; i++) {
                        link_set(argv[3], kinds[i].target);
                        for (int p = 0; p < atoi(argv[2]); p++)
                                spawn(argv[4], argv[5], kinds + i);
                }
        print(kinds, n);
        return 0;
}
