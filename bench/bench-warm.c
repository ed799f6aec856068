/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lookups through NSS modules in one process, called as glibc calls them:
 *
 *     bench-warm BLOCKS LOOKUPS SERVICE=MODULE=NAMES...
 *
 * Each block makes so many lookups through each in turn, of names drawn from the file
 * NAMES: in blocks, as a module that has just parsed two megabytes leaves cold
 * caches behind.  Prints a JSON array, one element each.
 *
 *     bench-warm --threads BLOCKS LOOKUPS SERVICE=MODULE=NAMES
 *
 * The same number of lookups by one thread, and by each of two at once; prints what
 * one lookup took, of the clock and of a processor's time.
 */

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

typedef enum nss_status (
                *ByName4)(const char *, struct gaih_addrtuple **, char *, size_t, int *, int *, int32_t *);

typedef struct Subject {
        ByName4 function;
        Names names;
        Samples samples;
        size_t n_status[3]; /* not found, found, anything else */
} Subject;

typedef struct Worker {
        const Subject *subject;
        unsigned seed;
        size_t n;
        pthread_barrier_t *barrier;
        uint64_t wall, cpu;
} Worker;

static void subject_open(Subject *s, char *argument) {
        char *service = strsep(&argument, "="), *path = strsep(&argument, "="), symbol[128];
        void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);

        (void) snprintf(symbol, sizeof(symbol), "_nss_%s_gethostbyname4_r", service);
        s->function = module ? (ByName4) dlsym(module, symbol) : NULL;
        if (!s->function) {
                fprintf(stderr, "%s\n", dlerror());
                exit(EXIT_FAILURE);
        }
        s->names = names_read(argument);
}

static enum nss_status look_up(const Subject *s, const char *name) {
        struct gaih_addrtuple *tuples = NULL;
        char buffer[16384];
        int error, h_error;

        return s->function(name, &tuples, buffer, sizeof(buffer), &error, &h_error, NULL);
}

static void measure(Subject *s, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const char *name = names_any(&s->names);
                uint64_t begin = now_ns(CLOCK_MONOTONIC);
                enum nss_status status = look_up(s, name);

                samples_add(&s->samples, now_ns(CLOCK_MONOTONIC) - begin);
                s->n_status[status == NSS_STATUS_SUCCESS ? 1 : status == NSS_STATUS_NOTFOUND ? 0 : 2]++;
        }
}

static void *work(void *userdata) {
        Worker *w = userdata;
        uint64_t wall, cpu;

        (void) pthread_barrier_wait(w->barrier);
        wall = now_ns(CLOCK_MONOTONIC);
        cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
        for (size_t i = 0; i < w->n; i++)
                (void) look_up(w->subject,
                                w->subject->names.names[(size_t) rand_r(&w->seed) % w->subject->names.n]);
        w->cpu = (now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu) / w->n;
        w->wall = (now_ns(CLOCK_MONOTONIC) - wall) / w->n;
        return NULL;
}

static void measure_threads(const Subject *s, unsigned n_threads, size_t n, Samples *wall, Samples *cpu) {
        pthread_barrier_t barrier;
        pthread_t threads[2];
        Worker workers[2];

        (void) pthread_barrier_init(&barrier, NULL, n_threads);
        for (unsigned i = 0; i < n_threads; i++) {
                workers[i] = (Worker) { .subject = s, .seed = i, .n = n, .barrier = &barrier };
                errno = pthread_create(threads + i, NULL, work, workers + i);
                if (errno != 0)
                        die("pthread_create");
        }
        for (unsigned i = 0; i < n_threads; i++) {
                (void) pthread_join(threads[i], NULL);
                samples_add(wall, workers[i].wall);
                samples_add(cpu, workers[i].cpu);
        }
        (void) pthread_barrier_destroy(&barrier);
}

static void run_threads(unsigned blocks, size_t n, char *argument) {
        Samples wall[2] = { 0 }, cpu[2] = { 0 };
        Subject s = { 0 };

        subject_open(&s, argument);
        for (unsigned i = 0; i < blocks; i++)
                for (unsigned k = 0; k < 2; k++)
                        measure_threads(&s, k + 1, n, wall + k, cpu + k);
        for (unsigned k = 0; k < 2; k++) {
                printf("%s\"wall\": ", k == 0 ? "[{" : ", {");
                samples_print(wall + k);
                printf(", \"cpu\": ");
                samples_print(cpu + k);
                printf("}");
        }
        printf("]\n");
}

static void run(unsigned blocks, size_t n, char **arguments, size_t n_subjects) {
        Subject *subjects = calloc(n_subjects, sizeof(*subjects));

        if (!subjects)
                die("calloc");
        for (size_t i = 0; i < n_subjects; i++) {
                subject_open(subjects + i, arguments[i]);
                (void) look_up(subjects + i, subjects[i].names.names[0]);
        }
        for (unsigned b = 0; b < blocks; b++)
                for (size_t i = 0; i < n_subjects; i++)
                        measure(subjects + i, n);
        for (size_t i = 0; i < n_subjects; i++) {
                printf("%s{\"not-found\": %zu, \"found\": %zu, \"failed\": %zu, \"ns\": ",
                                i == 0 ? "[" : ", ", subjects[i].n_status[0], subjects[i].n_status[1],
                                subjects[i].n_status[2]);
                samples_print(&subjects[i].samples);
                printf("}");
        }
        printf("]\n");
}

int main(int argc, char **argv) {
        bool threads = argc > 1 && strcmp(argv[1], "--threads") == 0;
        char **arguments = argv + 1 + threads;

        if (argc < 4 + threads || (threads && argc != 5)) {
                fprintf(stderr, "usage: bench-warm [--threads] BLOCKS LOOKUPS SERVICE=MODULE=NAMES...\n");
                return 2;
        }
        if (threads)
                run_threads((unsigned) atoi(arguments[0]), (size_t) atol(arguments[1]), arguments[2]);
        else
                run((unsigned) atoi(arguments[0]), (size_t) atol(arguments[1]), arguments + 2,
                                (size_t) argc - 3);
        return 0;
}
