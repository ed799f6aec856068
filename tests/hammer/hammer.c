/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Changes lease files and looks names up at once: whoever looks up after a change has
 * returned must not see what was before.  Each change gives the guest another address,
 * which tells the change that a lookup has seen.
 *
 *     hammer [OPTION...] SCENARIO LEASE-MODULE DOMAIN-MODULE DIRECTORY
 *
 * Prints one line of JSON: lookups, through which door, how many were stale or failed.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doors.h"

#define HOSTNAME "hammered"
#define DOMAIN "vm-hammered"
#define MAC "52:54:00:00:00:01"
#define FIRST_ADDRESS 0x0a000000U
#define READERS_MAX 16U

/* What one process counted. */
typedef struct Count {
        uint64_t lookups, over_bus, stale, failed, timed_out, longest_usec, longest_index_usec;
        uint64_t slow[4]; /* longer than 10, 100, 500, 1000 ms */
} Count;

/* Between the writer and the readers. */
typedef struct Shared {
        uint32_t committed; /* the newest change that has returned */
        uint32_t begun;     /* the newest that may be seen */
        bool end;
        Count counts[READERS_MAX];
} Shared;

static unsigned arg_count = 1000, arg_readers = 2, arg_fill, arg_burst, arg_seed = 1;
static bool arg_quiet;
static uint64_t arg_interval_usec, arg_rest_usec = 60000, arg_msec = 1000, arg_expiry;
static Shared *shared;
static int dir_fd, new_fd; /* the lease directory, and one beside it where files are prepared */
static uint64_t n_changes;

static _Noreturn void fail(const char *what) {
        fprintf(stderr, "hammer: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

static uint64_t random_below(uint64_t limit) {
        static uint64_t state;

        if (state == 0)
                state = arg_seed * UINT64_C(0x9e3779b97f4a7c15);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return limit == 0 ? 0 : state % limit;
}

static void rest(uint64_t usec) {
        if (usec > 0)
                usleep((useconds_t) usec);
}

/* Waits awake: what is shorter than a time slice. */
static void spin(uint64_t usec) {
        for (uint64_t end = now_usec() + usec; now_usec() < end;)
                ;
}

/* ---- the files ---- */

static void file_write(int fd, const char *hostname, uint32_t change) {
        FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

        if (!f)
                fail("a lease file");
        fprintf(f, "[\n"
                        "  { \"ip-address\": \"10.%u.%u.%u\", \"mac-address\": \"" MAC "\", \"hostname\": "
                        "\"%s\","
                   " \"expiry-time\": %" PRIu64 " }",
                        change >> 16 & 0xff, change >> 8 & 0xff, change & 0xff, hostname, arg_expiry);
        for (unsigned i = 0; i < arg_fill; i++)
                fprintf(f, ",\n"
                                "  { \"ip-address\": \"172.%u.%u.%u\", \"mac-address\": "
                                "\"52:54:01:%02x:%02x:%02x\","
                           " \"hostname\": \"filler-%u\", \"expiry-time\": 0 }",
                                16 + (i >> 16), i >> 8 & 0xff, i & 0xff, i >> 16, i >> 8 & 0xff, i & 0xff, i);
        fputs("\n]\n", f);
        if (fclose(f) != 0)
                fail("a lease file");
}

/* Writes the file that change will put in place, and returns the directory that it lies in:
 * every other one beside, as libvirt does; else where that doesn't touch the directory. */
static int prepare(const char *name, const char *hostname, uint32_t change) {
        int dir = change % 2 ? dir_fd : new_fd;
        char path[64];

        snprintf(path, sizeof(path), "%s.%u.new", name, change);
        file_write(openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), hostname, change);
        return dir;
}

static void put_in_place(int dir, const char *name, uint32_t change) {
        char path[64];

        snprintf(path, sizeof(path), "%s.%u.new", name, change);
        __atomic_store_n(&shared->begun, change, __ATOMIC_SEQ_CST);
        if (renameat(dir, path, dir_fd, name) < 0)
                fail("rename");
        __atomic_store_n(&shared->committed, change, __ATOMIC_SEQ_CST);
        n_changes++;
}

static void change_to(uint32_t change) {
        put_in_place(prepare("virbr0.status", HOSTNAME, change), "virbr0.status", change);
}

static void directories_open(const char *path) {
        char beside[1024];
        int fd;

        /* In another directory of the same file system, which nobody watches. */
        snprintf(beside, sizeof(beside), "%s/new", path);
        if (mkdir(beside, 0755) < 0 && errno != EEXIST)
                fail(beside);
        dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        new_fd = open(beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0 || new_fd < 0)
                fail(path);

        fd = openat(dir_fd, "virbr0.macs", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0 || dprintf(fd, "[ { \"domain\": \"" DOMAIN "\", \"macs\": [ \"" MAC "\" ] } ]\n") < 0)
                fail("virbr0.macs");
        close(fd);
        change_to(1);
}

/* ---- lookups, counted ---- */

static void count_time(Count *c, const Lookup *l) {
        static const uint64_t limits[] = { 10000, 100000, 500000, 1000000 };

        if (l->usec > c->longest_usec)
                c->longest_usec = l->usec;
        if (!l->over_bus && l->usec > c->longest_index_usec)
                c->longest_index_usec = l->usec;
        for (unsigned i = 0; i < sizeof(limits) / sizeof(*limits); i++)
                c->slow[i] += l->usec > limits[i];
}

static void count_stale(Count *c, const Lookup *l, const char *seen, uint32_t expected) {
        if (c->stale++ < 3 && !arg_quiet)
                fprintf(stderr, "hammer: stale: %s (%s, status %d), where change %u had returned\n", seen,
                                l->over_bus ? "over the bus" : "from the index", l->status, expected);
}

static void count_failed(Count *c, const Lookup *l) {
        if (l->error == ETIMEDOUT) {
                c->timed_out++;
                return;
        }
        if (c->failed++ < 3)
                fprintf(stderr, "hammer: failed: status %d, errno %d, %s, after %" PRIu64 " us\n", l->status,
                                l->error, l->over_bus ? "over the bus" : "from the index", l->usec);
}

/* Asks in one way after the other. */
static void ask(Count *c, const char *hostname, const char *domain, Lookup *ret) {
        unsigned question = (unsigned) (c->lookups % QUESTIONS);

        doors_ask(question, question_wants_domain(question) ? domain : hostname, ret);
        c->lookups++;
        c->over_bus += ret->over_bus;
        count_time(c, ret);
}

/* The guest's address must tell of a change between the last that had returned when the lookup
 * began and the last that had begun when it ended. */
static bool look(Count *c) {
        uint32_t committed = __atomic_load_n(&shared->committed, __ATOMIC_SEQ_CST), seen;
        char text[32];
        Lookup l;

        ask(c, HOSTNAME, DOMAIN, &l);
        if (l.status != NSS_STATUS_SUCCESS) {
                count_failed(c, &l);
                return false;
        }
        seen = l.address - FIRST_ADDRESS;
        if (seen >= committed && seen <= __atomic_load_n(&shared->begun, __ATOMIC_SEQ_CST) &&
            l.n_addresses == 1)
                return true;
        snprintf(text, sizeof(text), "change %u of %u", seen, l.n_addresses);
        count_stale(c, &l, text, committed);
        return false;
}

static void look_for(Count *c, const char *hostname, bool expected, uint32_t change) {
        Lookup l;

        ask(c, hostname, hostname, &l);
        if (l.status != NSS_STATUS_SUCCESS && l.status != NSS_STATUS_NOTFOUND)
                count_failed(c, &l);
        else if ((l.status == NSS_STATUS_SUCCESS) != expected)
                count_stale(c, &l, expected ? "no file" : "a removed file", change);
}

/* ---- scenarios ---- */

/* A change, and at once a lookup. */
static void scenario_immediate(Count *c) {
        for (unsigned i = 0; i < arg_count; i++) {
                change_to(shared->committed + 1);
                (void) look(c);
        }
}

/* Two changes in a tick of the kernel's clock, with time enough between them to publish the first
 * by mistake. */
static void scenario_twice(Count *c) {
        for (unsigned i = 0; i < arg_count; i++) {
                uint32_t change = shared->committed + 1;
                int first = prepare("virbr0.status", HOSTNAME, change);
                int second = prepare("virbr0.status", HOSTNAME, change + 1);

                put_in_place(first, "virbr0.status", change);
                if (i % 2)
                        (void) look(c);
                spin(random_below(3000));
                put_in_place(second, "virbr0.status", change + 1);
                (void) look(c);
        }
}

/* Rests, so that the index is published, or just being published. */
static void scenario_paced(Count *c) {
        for (unsigned i = 0; i < arg_count; i++) {
                rest(random_below(arg_rest_usec));
                (void) look(c);
                change_to(shared->committed + 1);
                (void) look(c);
                rest(random_below(i % 2 ? 1000 : arg_rest_usec / 2));
                (void) look(c);
        }
}

/* Files that come and go. */
static void scenario_files(Count *c) {
        for (unsigned i = 0; i < arg_count; i++) {
                uint32_t change = shared->committed + 1;

                /* The variant that is asked next knows the other name; both files come. */
                put_in_place(prepare("virbr1.status", "coming", change), "virbr1.status", change);
                do
                        look_for(c, "coming", !question_wants_domain((unsigned) (c->lookups % QUESTIONS)),
                                        change);
                while (c->lookups % 2);
                rest(i % 4 ? 0 : random_below(40000));
                if (unlinkat(dir_fd, "virbr1.status", 0) < 0)
                        fail("unlink");
                n_changes++;
                do
                        look_for(c, "coming", false, change);
                while (c->lookups % 2);
                rest(i % 4 ? 0 : random_below(40000));
        }
}

/* Writes in place: there the promise is milliseconds, so what counts is how long the older answer
 * stays.  Its longest is the longest_usec of this scenario. */
static void scenario_in_place(Count *c) {
        uint64_t longest = 0;

        for (unsigned i = 0; i < arg_count; i++) {
                uint32_t change = shared->committed + 1;
                uint64_t begin;
                Lookup l;

                rest(random_below(arg_rest_usec));
                shared->begun = change;
                file_write(openat(dir_fd, "virbr0.status", O_WRONLY | O_TRUNC | O_CLOEXEC), HOSTNAME, change);
                begin = now_usec();
                do
                        ask(c, HOSTNAME, DOMAIN, &l);
                while (l.address != FIRST_ADDRESS + change && now_usec() < begin + 5000000);
                if (l.address != FIRST_ADDRESS + change)
                        count_stale(c, &l, "the file as it was 5 s ago", change);
                if (now_usec() - begin > longest)
                        longest = now_usec() - begin;
                shared->committed = change;
                n_changes++;
        }
        c->longest_usec = longest;
}

static void reader(Count *c) {
        while (!__atomic_load_n(&shared->end, __ATOMIC_SEQ_CST)) {
                (void) look(c);
                if (arg_interval_usec > 0)
                        rest(random_below(500));
        }
}

static void on_end(int signal) {
        shared->end = true;
}

/* One process changes, others look.  In bursts, with rests between, or without end. */
static void scenario_storm(Count *c) {
        uint64_t end = now_usec() + arg_msec * 1000;

        signal(SIGTERM, on_end);
        for (unsigned i = 1; i <= arg_readers; i++) {
                pid_t pid = fork();

                if (pid < 0)
                        fail("fork");
                if (pid == 0) {
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        reader(shared->counts + i);
                        _exit(EXIT_SUCCESS);
                }
        }
        for (uint32_t i = 1; !shared->end && now_usec() < end; i++) {
                change_to(shared->committed + 1);
                rest(arg_interval_usec);
                if (arg_burst > 0 && i % arg_burst == 0)
                        rest(random_below(arg_rest_usec));
        }
        __atomic_store_n(&shared->end, true, __ATOMIC_SEQ_CST);
        for (unsigned i = 1; i <= arg_readers; i++) {
                int status;

                if (wait(&status) < 0 || status != 0)
                        c->failed++;
        }
}

static const struct {
        const char *name;
        void (*run)(Count *c);
} scenarios[] = {
        { "immediate", scenario_immediate }, { "twice", scenario_twice },       { "paced", scenario_paced },
        { "files", scenario_files },         { "in-place", scenario_in_place }, { "storm", scenario_storm },
};

/* ---- */

static void report(void) {
        Count sum = { 0 };

        for (unsigned i = 0; i < READERS_MAX; i++) {
                const Count *c = shared->counts + i;

                sum.lookups += c->lookups;
                sum.over_bus += c->over_bus;
                sum.stale += c->stale;
                sum.failed += c->failed;
                sum.timed_out += c->timed_out;
                if (c->longest_usec > sum.longest_usec)
                        sum.longest_usec = c->longest_usec;
                if (c->longest_index_usec > sum.longest_index_usec)
                        sum.longest_index_usec = c->longest_index_usec;
                for (unsigned k = 0; k < 4; k++)
                        sum.slow[k] += c->slow[k];
        }
        printf("{\"changes\": %" PRIu64 ", \"lookups\": %" PRIu64 ", \"index\": %" PRIu64 ", \"bus\": "
               "%" PRIu64
               ", \"stale\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"timed_out\": %" PRIu64
               ", \"longest_usec\": %" PRIu64 ", \"longest_index_usec\": %" PRIu64 ", \"over_10ms\": %" PRIu64
               ", \"over_100ms\": %" PRIu64 ", \"over_500ms\": %" PRIu64 ", \"over_1s\": %" PRIu64 "}\n",
                        n_changes, sum.lookups, sum.lookups - sum.over_bus, sum.over_bus, sum.stale,
                        sum.failed, sum.timed_out, sum.longest_usec, sum.longest_index_usec, sum.slow[0],
                        sum.slow[1], sum.slow[2], sum.slow[3]);
}

static void parse_options(int argc, char **argv) {
        static const struct option options[] = {
                { "burst", required_argument, NULL, 'b' },    /* storm: changes between two rests */
                { "count", required_argument, NULL, 'c' },    /* rounds of the other scenarios */
                { "expiry", required_argument, NULL, 'e' },   /* of the guest's lease; 0: never */
                { "fill", required_argument, NULL, 'f' },     /* more leases in the file */
                { "interval", required_argument, NULL, 'i' }, /* storm: µs between changes */
                { "msec", required_argument, NULL, 'm' },     /* storm: its time */
                { "quiet", required_argument, NULL, 'q' },    /* 1: stale answers are only counted */
                { "readers", required_argument, NULL, 'r' },  /* storm: processes that look up */
                { "rest", required_argument, NULL, 'R' },     /* the longest rest, µs */
                { "seed", required_argument, NULL, 'S' },
                { 0 },
        };

        for (int o; (o = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
                unsigned long value = optarg ? strtoul(optarg, NULL, 10) : 0;

                switch (o) {
                case 'b':
                        arg_burst = (unsigned) value;
                        break;
                case 'c':
                        arg_count = (unsigned) value;
                        break;
                case 'e':
                        arg_expiry = value;
                        break;
                case 'f':
                        arg_fill = (unsigned) value;
                        break;
                case 'i':
                        arg_interval_usec = value;
                        break;
                case 'm':
                        arg_msec = value;
                        break;
                case 'q':
                        arg_quiet = value > 0;
                        break;
                case 'r':
                        arg_readers = value < READERS_MAX ? (unsigned) value : READERS_MAX - 1;
                        break;
                case 'R':
                        arg_rest_usec = value;
                        break;
                case 'S':
                        arg_seed = (unsigned) value;
                        break;
                default:
                        exit(2);
                }
        }
}

/* The service may just be starting. */
static void wait_for_first_answer(void) {
        Count c = { .failed = 3 }; /* says nothing */

        for (uint64_t end = now_usec() + 10000000; now_usec() < end; rest(1000))
                if (look(&c))
                        return;
        fprintf(stderr, "hammer: there is no answer at all\n");
        exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
        parse_options(argc, argv);
        if (argc - optind != 4)
                return 2;
        shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED)
                fail("memory");
        backends_enabled(argv[optind + 1], argv[optind + 2]);
        directories_open(argv[optind + 3]);
        wait_for_first_answer();

        for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
                if (strcmp(scenarios[i].name, argv[optind]) == 0) {
                        scenarios[i].run(shared->counts);
                        report();
                        return EXIT_SUCCESS;
                }
        fprintf(stderr, "hammer: no scenario %s\n", argv[optind]);
        return 2;
}
