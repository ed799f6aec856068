/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Loading a shared object, and unloading it: bench-load BLOCKS LOADS OBJECT...
 * In blocks, each in a process of its own, forked from here.  Prints a JSON array, one element each, with the
 * minor page faults of a first load.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

/* What the children leave behind. */
typedef struct Block {
        long faults;
        uint64_t ns[];
} Block;

static long faults(void) {
        struct rusage usage;

        (void) getrusage(RUSAGE_SELF, &usage);
        return usage.ru_minflt;
}

_Noreturn static void load(const char *object, size_t n, Block *block) {
        for (size_t i = 0; i < n; i++) {
                long before = faults();
                uint64_t begin = now_ns(CLOCK_MONOTONIC);
                void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);

                block->ns[i] = now_ns(CLOCK_MONOTONIC) - begin;
                if (i == 0)
                        block->faults = faults() - before;
                if (!handle || dlclose(handle) != 0)
                        _exit(EXIT_FAILURE);
        }
        _exit(EXIT_SUCCESS);
}

static void load_block(const char *object, size_t n, Block *block, Samples *samples) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
                load(object, n, block);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                die(object);
        for (size_t i = 0; i < n; i++)
                samples_add(samples, block->ns[i]);
}

int main(int argc, char **argv) {
        size_t n = argc < 4 ? 0 : (size_t) argc - 3, loads = argc < 4 ? 0 : (size_t) atol(argv[2]);
        Samples *samples = calloc(n + 1, sizeof(*samples));
        long *faults_of = calloc(n + 1, sizeof(*faults_of));
        Block *block = mmap(NULL, sizeof(*block) + loads * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

        if (n == 0 || block == MAP_FAILED || !samples || !faults_of) {
                fprintf(stderr, "usage: bench-load BLOCKS LOADS OBJECT...\n");
                return 2;
        }
        for (int b = 0; b < atoi(argv[1]); b++)
                for (size_t i = 0; i < n; i++) {
                        load_block(argv[3 + i], loads, block, samples + i);
                        faults_of[i] = block->faults;
                }
        for (size_t i = 0; i < n; i++) {
                printf("%s{\"faults\": %ld, \"ns\": ", i == 0 ? "[" : ", ", faults_of[i]);
                samples_print(samples + i);
                printf("}");
        }
        printf("]\n");
        return 0;
}
