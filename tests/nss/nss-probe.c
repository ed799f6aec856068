/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One lookup through one function of an NSS module, called as glibc calls it, in a process
 * that is as awkward as asked for.  Prints one line for each name or address:
 *
 *     STATUS errno h_errno [name address...]
 *
 *     nss-probe [OPTION...] MODULE FUNCTION FAMILY NAME|ADDRESS [SIZE [NAME|ADDRESS...]]
 *
 * FAMILY: 0, 4, 6, or another as "=NUMBER".  SIZE: of the buffer.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "module.h"

#define ERRNO_BEFORE 4242
#define DESCRIPTORS 1024
#define LINE_MAX_ 16384
#define STACK_SIZE (1U << 20)
#define STACK_PATTERN 0xa5

static const char *arg_function, *arg_name, *arg_chroot;
static int arg_family;
static size_t arg_size = 65536, arg_stack;
static unsigned arg_threads, arg_times;
static int arg_left = -1;
static bool arg_fork, arg_closed, arg_signals, arg_cancel, arg_marks, arg_maps, arg_own_tuple, arg_stack_used;
static void *function;

/* ---- one lookup, as a line ---- */

static const char *h_errno_name(int error) {
        switch (error) {
        case NETDB_SUCCESS:
                return "NETDB_SUCCESS";
        case NETDB_INTERNAL:
                return "NETDB_INTERNAL";
        case HOST_NOT_FOUND:
                return "HOST_NOT_FOUND";
        case TRY_AGAIN:
                return "TRY_AGAIN";
        case NO_RECOVERY:
                return "NO_RECOVERY";
        case NO_DATA:
                return "NO_DATA";
        default:
                return "?";
        }
}

static void print_address(FILE *f, int family, const void *address, uint32_t scope) {
        char text[INET6_ADDRSTRLEN];

        fprintf(f, " %s", inet_ntop(family, address, text, sizeof(text)));
        if (scope != 0)
                fprintf(f, "%%%" PRIu32, scope);
}

static void print_host(FILE *f, const struct hostent *host) {
        fprintf(f, " %s", host->h_name);
        for (char **p = host->h_addr_list; *p; p++)
                print_address(f, host->h_addrtype, *p, 0);
        for (char **p = host->h_aliases; *p; p++)
                fprintf(f, " alias=%s", *p);
}

static void print_tuples(FILE *f, const struct gaih_addrtuple *tuples) {
        fprintf(f, " %s", tuples->name);
        for (const struct gaih_addrtuple *t = tuples; t; t = t->next) {
                print_address(f, t->family, t->addr, t->scopeid);
                if (strcmp(t->name, tuples->name) != 0)
                        fprintf(f, " name=%s", t->name);
        }
}

static bool function_is(const char *name) {
        return strcmp(arg_function, name) == 0;
}

static enum nss_status call(struct hostent *host, struct gaih_addrtuple **tuples, char *buffer, int *error,
                int *h_error, int32_t *ttl, char **canonical) {
        uint8_t address[16] = { 0 };
        socklen_t length = arg_family == AF_INET ? 4 : 16;

        if (function_is("gethostbyname_r"))
                return ((nss_gethostbyname_r *) function)(arg_name, host, buffer, arg_size, error, h_error);
        if (function_is("gethostbyname2_r"))
                return ((nss_gethostbyname2_r *) function)(arg_name, arg_family, host, buffer, arg_size,
                                error, h_error);
        if (function_is("gethostbyname3_r"))
                return ((nss_gethostbyname3_r *) function)(arg_name, arg_family, host, buffer, arg_size,
                                error, h_error, ttl,
                                canonical);
        if (function_is("gethostbyname4_r"))
                return ((nss_gethostbyname4_r *) function)(arg_name, tuples, buffer, arg_size, error, h_error,
                                ttl);

        if (strncmp(arg_name, "length=", 7) == 0)
                length = (socklen_t) atoi(arg_name + 7);
        else if (arg_family == AF_INET || arg_family == AF_INET6)
                if (inet_pton(arg_family, arg_name, address) != 1)
                        abort();
        if (function_is("gethostbyaddr_r"))
                return ((nss_gethostbyaddr_r *) function)(address, length, arg_family, host, buffer, arg_size,
                                error,
                                h_error);
        return ((nss_gethostbyaddr2_r *) function)(address, length, arg_family, host, buffer, arg_size, error,
                        h_error,
                        ttl);
}

static void lookup(char line[static LINE_MAX_]) {
        struct gaih_addrtuple own = { 0 }, *tuples = arg_own_tuple ? &own : NULL;
        struct hostent host = { 0 };
        int error = -1, h_error = -1;
        char *buffer, *canonical = NULL;
        enum nss_status status;
        int32_t ttl = -1;
        bool kept;
        FILE *f;

        buffer = malloc(arg_size);
        errno = ERRNO_BEFORE;
        status = call(&host, &tuples, buffer, &error, &h_error, &ttl, &canonical);

        kept = errno == ERRNO_BEFORE;
        f = fmemopen(line, LINE_MAX_, "w");
        if (!f)
                abort();
        fprintf(f, "%s %s %s", status_name(status), error == 0 ? "0" : strerrorname_np(error),
                        h_errno_name(h_error));
        if (status == NSS_STATUS_SUCCESS && host.h_name)
                print_host(f, &host);
        else if (status == NSS_STATUS_SUCCESS)
                print_tuples(f, tuples);
        if (status == NSS_STATUS_SUCCESS && ttl > 0)
                fprintf(f, " ttl=%" PRIi32, ttl);
        if (canonical && strcmp(canonical, host.h_name) != 0)
                fprintf(f, " canonical=%s", canonical);
        if (!kept)
                fputs(" errno-changed", f);
        fputc('\n', f);
        fclose(f);
        free(buffer);
}

/* ---- awkward processes ---- */

static void *lookup_in_thread(void *line) {
        if (arg_cancel)
                pthread_cancel(pthread_self());
        lookup(line);
        return line;
}

static void on_alarm(int signal_number) {
}

/* Without SA_RESTART: every call that can be interrupted is. */
static void signals_begin(void) {
        struct sigaction action = { .sa_handler = on_alarm };
        struct itimerval every = { .it_interval.tv_usec = 500, .it_value.tv_usec = 500 };

        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &every, NULL);
}

static void threads_lookup(char *line, unsigned n) {
        pthread_attr_t attributes;
        pthread_t *threads;
        char *lines;

        threads = calloc(n, sizeof(*threads));
        lines = calloc(n, LINE_MAX_);
        pthread_attr_init(&attributes);
        if (arg_stack > 0 && pthread_attr_setstacksize(&attributes, arg_stack) != 0)
                abort();
        for (unsigned i = 0; i < n; i++)
                if (pthread_create(&threads[i], &attributes, lookup_in_thread, lines + i * LINE_MAX_) != 0)
                        abort();
        for (unsigned i = 0; i < n; i++)
                pthread_join(threads[i], NULL);
        strcpy(line, lines);
        for (unsigned i = 1; i < n; i++)
                if (strcmp(lines, lines + i * LINE_MAX_) != 0)
                        snprintf(line, LINE_MAX_, "threads differ: %s", lines + i * LINE_MAX_);
        pthread_attr_destroy(&attributes);
        free(lines);
        free(threads);
}

static void descriptors_use_up(int left) {
        int fd;

        setrlimit(RLIMIT_NOFILE, &(struct rlimit) { DESCRIPTORS, DESCRIPTORS });
        do
                fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        while (fd >= 0);
        while (left > 0)
                close(DESCRIPTORS - left--);
}

static void awkward_lookup(char *line) {
        if (arg_closed)
                close_range(0, ~0U, 0);
        if (arg_left >= 0)
                descriptors_use_up(arg_left);
        if (arg_chroot && (chroot(arg_chroot) < 0 || chdir("/") < 0))
                abort();
        if (arg_signals)
                signals_begin();
        if (arg_threads > 0 || arg_stack > 0 || arg_cancel)
                threads_lookup(line, arg_threads > 0 ? arg_threads : 1);
        else
                lookup(line);
}

/* In a child that shares nothing with us but the line. */
static void lookup_in_child(char *line) {
        int status;
        pid_t pid;

        pid = fork();
        if (pid == 0) {
                awkward_lookup(line);
                _exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
                abort();
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                snprintf(line, LINE_MAX_, "the child ended with status %#x\n", status);
}

/* ---- measuring ---- */

static int compare_double(const void *a, const void *b) {
        double x = *(const double *) a, y = *(const double *) b;

        return (x > y) - (x < y);
}

static void print_times(unsigned n) {
        double *times = calloc(n, sizeof(*times));
        char *buffer = malloc(arg_size);

        for (unsigned i = 0; i < n; i++) {
                struct gaih_addrtuple *tuples = NULL;
                struct timespec a, b;
                struct hostent host;
                char *canonical;
                int e, h;
                int32_t ttl;

                clock_gettime(CLOCK_MONOTONIC, &a);
                call(&host, &tuples, buffer, &e, &h, &ttl, &canonical);
                clock_gettime(CLOCK_MONOTONIC, &b);
                times[i] = (double) (b.tv_sec - a.tv_sec) * 1e6 + (double) (b.tv_nsec - a.tv_nsec) / 1e3;
        }
        qsort(times, n, sizeof(*times), compare_double);
        printf("median %.2f us, 99%% %.2f us\n", times[n / 2], times[n / 100 * 99]);
        free(buffer);
        free(times);
}

/* Between two getppid(), which nothing else calls here: for strace. */
static void lookup_between_marks(void) {
        struct gaih_addrtuple *tuples = NULL;
        char buffer[4096], *canonical;
        struct hostent host;
        int e, h;
        int32_t ttl;

        arg_size = sizeof(buffer);
        syscall(SYS_getppid);
        call(&host, &tuples, buffer, &e, &h, &ttl, &canonical);
        syscall(SYS_getppid);
}

/* The process's first lookup, on a stack that was filled with a pattern: what is left of that wasn't used. */
static enum nss_status stack_status;

static void *lookup_on_stack(void *entry) {
        struct gaih_addrtuple *tuples = NULL;
        static char buffer[4096];
        struct hostent host;
        char *canonical;
        int32_t ttl;
        int e, h;

        *(uintptr_t *) entry = (uintptr_t) __builtin_frame_address(0);
        arg_size = sizeof(buffer);
        stack_status = call(&host, &tuples, buffer, &e, &h, &ttl, &canonical);
        return NULL;
}

static void print_stack_used(void) {
        uint8_t *stack = aligned_alloc(4096, STACK_SIZE);
        pthread_attr_t attributes;
        uintptr_t entry = 0;
        pthread_t thread;
        size_t unused = 0;

        if (!stack)
                abort();
        memset(stack, STACK_PATTERN, STACK_SIZE);
        pthread_attr_init(&attributes);
        if (pthread_attr_setstack(&attributes, stack, STACK_SIZE) != 0 ||
            pthread_create(&thread, &attributes, lookup_on_stack, &entry) != 0)
                abort();
        pthread_join(thread, NULL);
        while (stack[unused] == STACK_PATTERN)
                unused++;
        printf("%s %zu\n", status_name(stack_status), (size_t) (entry - (uintptr_t) (stack + unused)));
        pthread_attr_destroy(&attributes);
        free(stack);
}

static void print_maps(void) {
        bool mapped = false;
        char line[4096];
        FILE *f;

        f = fopen("/proc/self/maps", "re");
        while (f && fgets(line, sizeof(line), f))
                mapped = mapped || strstr(line, "libsystemd");
        if (f)
                fclose(f);
        puts(mapped ? "libsystemd is mapped" : "libsystemd isn't mapped");
}

/* ---- */

static void parse_family(const char *text) {
        if (text[0] == '=')
                arg_family = atoi(text + 1);
        else
                arg_family = text[0] == '4' ? AF_INET : text[0] == '6' ? AF_INET6 : AF_UNSPEC;
}

static void parse_options(int argc, char **argv) {
        static const struct option options[] = {
                { "cancel", no_argument, NULL, 'c' },
                { "chroot", required_argument, NULL, 'r' },
                { "closed", no_argument, NULL, 'C' },
                { "fork", no_argument, NULL, 'f' },
                { "left", required_argument, NULL, 'l' },
                { "maps", no_argument, NULL, 'm' },
                { "marks", no_argument, NULL, 'M' },
                { "own-tuple", no_argument, NULL, 'o' },
                { "signals", no_argument, NULL, 's' },
                { "stack", required_argument, NULL, 'S' },
                { "stack-used", no_argument, NULL, 'u' },
                { "threads", required_argument, NULL, 't' },
                { "times", required_argument, NULL, 'n' },
                { 0 },
        };
        int c;

        while ((c = getopt_long(argc, argv, "+", options, NULL)) >= 0) {
                arg_cancel = arg_cancel || c == 'c';
                arg_closed = arg_closed || c == 'C';
                arg_fork = arg_fork || c == 'f';
                arg_maps = arg_maps || c == 'm';
                arg_marks = arg_marks || c == 'M';
                arg_own_tuple = arg_own_tuple || c == 'o';
                arg_signals = arg_signals || c == 's';
                arg_stack_used = arg_stack_used || c == 'u';
                if (c == 'r')
                        arg_chroot = optarg;
                if (c == 'l')
                        arg_left = atoi(optarg);
                if (c == 'S')
                        arg_stack = strtoul(optarg, NULL, 10);
                if (c == 't')
                        arg_threads = (unsigned) atoi(optarg);
                if (c == 'n')
                        arg_times = (unsigned) atoi(optarg);
                if (c == '?')
                        exit(2);
        }
}

int main(int argc, char **argv) {
        char *line;

        parse_options(argc, argv);
        if (argc - optind < 4)
                return 2;
        arg_function = argv[optind + 1];
        arg_name = argv[optind + 3];
        parse_family(argv[optind + 2]);
        if (argc - optind > 4)
                arg_size = strtoul(argv[optind + 4], NULL, 10);
        function = module_function(argv[optind], arg_function);
        if (!function)
                return 2;

        if (arg_stack_used) {
                print_stack_used();
                return 0;
        }
        line = mmap(NULL, LINE_MAX_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (line == MAP_FAILED)
                return 2;
        for (int i = optind + 5; i < argc; i++) {
                lookup(line);
                fputs(line, stdout);
                arg_name = argv[i];
        }
        if (arg_fork) /* the parent has looked names up before */
                lookup(line);
        if (arg_fork || arg_closed || arg_left >= 0 || arg_chroot)
                lookup_in_child(line);
        else
                awkward_lookup(line);
        fputs(line, stdout);

        if (arg_marks)
                lookup_between_marks();
        if (arg_maps)
                print_maps();
        if (arg_times > 0)
                print_times(arg_times);
        munmap(line, LINE_MAX_);
        return 0;
}
