/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many threads that look one name up without end, through both modules and both doors.
 *
 *     threads LEASE-MODULE DOMAIN-MODULE THREADS MILLISECONDS
 *
 * Prints how many lookups there were, how many of them over the bus, and how many failed.
 * The name is web1 in both modules, at some address in 10.0.0.0/8.
 */

#include <inttypes.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "doors.h"

typedef struct Tally {
        pthread_t thread;
        uint64_t end_usec, n, n_over_bus, n_failed;
} Tally;

static bool is_right(const Lookup *l) {
        return l->status == NSS_STATUS_SUCCESS && l->n_addresses == 1 && l->address >> 24 == 10;
}

static void *look_up(void *userdata) {
        Tally *tally = userdata;

        do {
                Lookup l;

                doors_ask((unsigned) (tally->n % QUESTIONS), "web1", &l);
                tally->n++;
                tally->n_over_bus += l.over_bus;
                if (!is_right(&l) && tally->n_failed++ == 0)
                        fprintf(stderr, "status %d, errno %d, %u addresses, %s, after %" PRIu64 " us\n",
                                        l.status,
                                        l.error, l.n_addresses,
                                        l.over_bus ? "over the bus" : "from the index", l.usec);
        } while (now_usec() < tally->end_usec);
        return NULL;
}

int main(int argc, char **argv) {
        uint64_t n = 0, n_over_bus = 0, n_failed = 0;
        unsigned n_threads;
        Tally *tallies;

        if (argc != 5)
                return 2;
        backends_enabled(argv[1], argv[2]);
        n_threads = (unsigned) atoi(argv[3]);
        tallies = calloc(n_threads, sizeof(*tallies));
        if (!tallies)
                return 2;
        for (unsigned i = 0; i < n_threads; i++) {
                tallies[i].end_usec = now_usec() + (uint64_t) atoi(argv[4]) * 1000;
                if (pthread_create(&tallies[i].thread, NULL, look_up, tallies + i) != 0)
                        return 2;
        }
        for (unsigned i = 0; i < n_threads; i++) {
                pthread_join(tallies[i].thread, NULL);
                n += tallies[i].n;
                n_over_bus += tallies[i].n_over_bus;
                n_failed += tallies[i].n_failed;
        }
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", n, n_over_bus, n_failed);
        free(tallies);
        return 0;
}
