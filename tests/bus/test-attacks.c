/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a local user may do to the service, and what that does to others: every method
 * with arguments of every shape, more waiting calls than there are limits for, floods.  And
 * what guests may do by the names that they take.
 */

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "fixture.h"
#include "flood.h"
#include "index/reader.h"
#include "util/limits.h"
#include "util/util.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 5
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWER 5
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

/* What nobody else's lookup may take, µs: after so long a module gives up. */
#define LOOKUP_USEC_MAX UINT64_C(2000000)
#define PIPELINE_USEC_MAX UINT64_C(500000)

/* A sanitizer's service, or one on a machine that does much else meanwhile ($TEST_BUSY), is much slower: only
 * sd-bus's own time-out is a bound there. */
#define TIMES_COUNT (SLOWER == 1 && !getenv("TEST_BUSY"))
#define NOBODY 65534
#define CALLS_AT_A_TIME 128

static const char web1[] =
                "[{\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\",\"hostname\":\"web1\"}]";

static Fixture fixture;
static sd_bus *bus;

static void assert_within(uint64_t usec, uint64_t usec_max) {
        if (TIMES_COUNT)
                ck_assert_uint_lt(usec, usec_max);
}

static void setup(void) {
        fixture_setup(&fixture);
        ck_assert_int_eq(chmod(fixture.directory, 0755), 0);
        fixture_write(&fixture, "virbr0.status", web1);
        fixture_start(&fixture, NULL);
        bus = fixture_connect(&fixture);
}

static void teardown(void) {
        bus = sd_bus_flush_close_unref(bus);
        fixture_teardown(&fixture);
}

static uint64_t now_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

/* A lookup that has to be right; returns how long it took. */
static uint64_t look_up(void) {
        uint64_t begin = now_usec();
        char *got = ask_name(bus, "web1", 0, ASK_ANY, 0);

        ck_assert_str_eq(got, "web1: 10.0.0.1 [lease]");
        free(got);
        return now_usec() - begin;
}

/* ---- every method, every shape ---- */

static unsigned seed;

static unsigned random_below(unsigned n) {
        return (unsigned) rand_r(&seed) % n;
}

static int64_t random_integer(void) {
        static const int64_t odd[] = { 0, 1, -1, 2, 10, 4, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
                        65536 };

        return random_below(4) ? odd[random_below(ELEMENTS(odd))] : (int64_t) rand_r(&seed) * rand_r(&seed);
}

static const char *random_string(void) {
        static const char *const odd[] = { "", "web1", ".", "..", "10.0.0.1", "\x1b[31m", "\xc3\xa9",
                        "localhost", "%s%n",
                "../../etc/passwd", "web1\nx" };
        static char huge[1 << 20];

        if (random_below(8))
                return odd[random_below(ELEMENTS(odd))];
        memset(huge, 'a' + (char) random_below(26), sizeof(huge) - 1);
        huge[random_below(4) ? random_below(1000) : sizeof(huge) - 1] = '\0';
        return huge;
}

static void append_basic(sd_bus_message *m, char type) {
        static const double doubles[] = { 0, -0.0, 1e308, -1.5, NAN, INFINITY };
        int64_t i = random_integer();
        int b = (int) random_below(2);

        switch (type) {
        case 's':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, random_string()), 0);
                break;
        case 'o':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, "/org/libvirt/Resolve1"), 0);
                break;
        case 'g':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, "a{sv}"), 0);
                break;
        case 'd':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type,
                                &doubles[random_below(ELEMENTS(doubles))]), 0);
                break;
        case 'b':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, &b), 0);
                break;
        case 'h':
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, &(int) { STDERR_FILENO }), 0);
                break;
        default:
                ck_assert_int_ge(sd_bus_message_append_basic(m, type, &i), 0);
        }
}

static void append_any(sd_bus_message *m, unsigned depth);

/* A string of types, none of them open. */
static const char *random_type(void) {
        static const char *const types[] = { "s", "i", "t", "d", "b", "y", "o", "g", "x", "n", "q", "u",
                        "h" };

        return types[random_below(ELEMENTS(types))];
}

static void append_container(sd_bus_message *m, char type, const char *contents, unsigned n, unsigned depth) {
        ck_assert_int_ge(sd_bus_message_open_container(m, type, contents), 0);
        for (unsigned i = 0; i < n; i++) {
                if (contents[0] == 'v')
                        append_any(m, depth + 1);
                else
                        append_basic(m, contents[0]);
        }
        ck_assert_int_ge(sd_bus_message_close_container(m), 0);
}

/* A variant; in it, up to some depth, another, an array, a structure. */
static void append_any(sd_bus_message *m, unsigned depth) {
        const char *type = random_type();

        switch (depth < 20 ? random_below(4) : 0) {
        case 0:
                append_container(m, 'v', type, 1, depth);
                break;
        case 1:
                append_container(m, 'v', "v", 1, depth);
                break;
        default:
                ck_assert_int_ge(sd_bus_message_open_container(m, 'v', "av"), 0);
                append_container(m, 'a', "v", random_below(3), depth);
                ck_assert_int_ge(sd_bus_message_close_container(m), 0);
        }
}

static void append_bytes(sd_bus_message *m) {
        static const size_t sizes[] = { 0, 3, 4, 5, 15, 16, 17, 100000 };
        static uint8_t bytes[100000];
        size_t n = sizes[random_below(ELEMENTS(sizes))];

        for (size_t i = 0; i < MIN2(n, 20U); i++)
                bytes[i] = (uint8_t) random_below(256);
        ck_assert_int_ge(sd_bus_message_append_array(m, 'y', bytes, n), 0);
}

/* The right types with wrong values: of them, all but "ay" are basic ones. */
static void append_right(sd_bus_message *m, const char *signature) {
        for (const char *p = signature; *p; p++) {
                if (*p == 'a') {
                        append_bytes(m);
                        p++;
                } else if (*p == 'v')
                        append_any(m, 0);
                else
                        append_basic(m, *p);
        }
}

static void append_wrong(sd_bus_message *m) {
        for (unsigned i = random_below(7); i > 0; i--) {
                const char *type = random_type();

                switch (random_below(5)) {
                case 0:
                        append_any(m, 0);
                        break;
                case 1:
                        append_container(m, 'a', type, random_below(type[0] == 'h' ? 3 : 100), 0);
                        break;
                case 2:
                        append_container(m, 'r', type, 1, 0);
                        break;
                case 3:
                        append_bytes(m);
                        break;
                default:
                        append_basic(m, type[0]);
                }
        }
}

/* Any reply will do, but a reply. */
static void call(const char *interface, const char *member, const char *signature) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        ck_assert_int_ge(sd_bus_message_new_method_call(bus, &m, FIXTURE_SERVICE, FIXTURE_OBJECT, interface,
                        member), 0);
        if (signature)
                append_right(m, signature);
        else
                append_wrong(m);
        r = sd_bus_call(bus, m, UINT64_C(1000000) * FIXTURE_PATIENCE_MSEC / 1000, &error, NULL);
        ck_assert_msg(r >= 0 || (sd_bus_error_is_set(&error) &&
                        !sd_bus_error_has_name(&error, SD_BUS_ERROR_NO_REPLY)),
                        "%s(%s): %s, %s", member, sd_bus_message_get_signature(m, true), strerror(-r),
                        error.message);
}

/* Calls it, if it doesn't wait for what may never come. */
static void call_method(const char *interface, const char *member, const char *signature) {
        for (unsigned i = 0; i < 150 / SLOWER; i++) {
                if (strcmp(member, "WaitForHostname") != 0)
                        call(interface, member, signature);
                call(interface, member, NULL);
        }
}

/* The value of an attribute of the element at p, which ends at a '>'. */
static bool attribute(const char *p, const char *name, char ret[static 64]) {
        const char *end = strchr(p, '>'), *found = strstr(p, name);

        return found && found < end && sscanf(found + strlen(name), "=\"%63[^\"]", ret) == 1;
}

/* Methods and their arguments, as the object itself describes them. */
static unsigned call_described(const char *xml) {
        char interface[64] = "", member[64], signature[64], type[64], direction[64];
        unsigned n = 0;

        for (const char *p = xml; (p = strchr(p, '<')); p++) {
                if (strncmp(p, "<interface ", 11) == 0)
                        ck_assert(attribute(p, "name", interface));
                if (strncmp(p, "<method ", 8) != 0)
                        continue;

                ck_assert(attribute(p, "name", member));
                signature[0] = '\0';
                for (const char *q = strchr(p + 1, '<'); q &&
                                strncmp(q, "<arg ", 5) == 0; q = strchr(q + 1, '<'))
                        if (attribute(q, "type", type) && attribute(q, "direction", direction) &&
                            strcmp(direction, "in") == 0)
                                strcat(signature, type);
                call_method(interface, member, signature);
                n++;
        }
        return n;
}

static unsigned count_descriptors(void) {
        char path[64];
        unsigned n = 0;
        DIR *d;

        snprintf(path, sizeof(path), "/proc/%i/fd", fixture.service);
        d = opendir(path);
        ck_assert_ptr_nonnull(d);
        while (readdir(d))
                n++;
        closedir(d);
        return n;
}

START_TEST(every_shape) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        unsigned n_descriptors;
        const char *xml;

        fixture_wait_published(&fixture);
        look_up();
        n_descriptors = count_descriptors();
        seed = (unsigned) _i + 1;
        look_up(); /* and the service has read what there is */
        n_descriptors = count_descriptors();
        ck_assert_int_ge(sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT,
                        "org.freedesktop.DBus.Introspectable",
                                         "Introspect", NULL, &reply, NULL), 0);
        ck_assert_int_ge(sd_bus_message_read(reply, "s", &xml), 0);
        ck_assert_uint_ge(call_described(xml), 11);
        look_up();
        ck_assert_uint_eq(count_descriptors(), n_descriptors);
}
END_TEST

/* ---- waiting ---- */

typedef struct Tally {
        unsigned n_replies, n_limited, n_others, n_connections;
} Tally;

static int on_wait_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Tally *tally = userdata;

        tally->n_replies++;
        if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_LIMITS_EXCEEDED))
                tally->n_limited++;
        else
                tally->n_others++;
        return 0;
}

static void wait_for_nobody(sd_bus *b, unsigned n, Tally *tally) {
        for (unsigned i = 0; i < n; i++)
                ck_assert_int_ge(sd_bus_call_method_async(b, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                FIXTURE_SERVICE,
                                                 "WaitForHostname", on_wait_reply, tally, "isitt", 0,
                                                 "nobody", 0,
                                                 UINT64_C(0), UINT64_MAX), 0);
        ck_assert_int_ge(sd_bus_flush(b), 0);
}

static uint64_t waits(void) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t value;
        const char *k;

        ck_assert_int_ge(sd_bus_get_property(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE,
                        "Statistics",
                                         NULL, &reply, "a{st}"), 0);
        ck_assert_int_ge(sd_bus_message_enter_container(reply, 'a', "{st}"), 0);
        while (sd_bus_message_read(reply, "{st}", &k, &value) > 0)
                if (strcmp(k, "waits") == 0)
                        return value;
        ck_abort_msg("no statistic waits");
}

/* Another user's wait, for a name that is there. */
static void wait_as_nobody(void) {
        int status;
        pid_t pid;

        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                char *got;

                if (setuid(NOBODY) < 0)
                        _exit(2);
                got = ask_wait(fixture_connect(&fixture), "web1", 1000000);
                _exit(strcmp(got, "web1: 10.0.0.1 [lease]") != 0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
}

/* The service's unique name. */
static void unique_name(char *buffer, size_t size) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *name;

        ck_assert_int_ge(sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus",
                                         "GetNameOwner", NULL, &reply, "s", FIXTURE_SERVICE), 0);
        ck_assert_int_ge(sd_bus_message_read(reply, "s", &name), 0);
        (void) snprintf(buffer, size, "%s", name);
}

/* Says to the service, as somebody who isn't the bus, that the owner of a name is gone. */
static void forge_name_owner_changed(const char *name) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *forger = fixture_connect(&fixture);
        char service[64];

        unique_name(service, sizeof(service));
        ck_assert_int_ge(sd_bus_message_new_signal(forger, &m, "/org/freedesktop/DBus",
                        "org.freedesktop.DBus",
                                         "NameOwnerChanged"), 0);
        ck_assert_int_ge(sd_bus_message_append(m, "sss", name, name, ""), 0);
        ck_assert_int_ge(sd_bus_send_to(forger, m, service, NULL), 0);
        sd_bus_flush_close_unref(forger);
}

/* Another user's signal ends nobody's wait. */
START_TEST(forged_signal) {
        sd_bus *waiting = fixture_connect(&fixture);
        Tally tally = { 0 };
        const char *name;

        wait_for_nobody(waiting, 2, &tally);
        while (waits() < 2)
                (void) usleep(1000);
        ck_assert_int_ge(sd_bus_get_unique_name(waiting, &name), 0);
        forge_name_owner_changed(name);
        for (int i = 0; i < 10; i++) {
                ck_assert_uint_eq(waits(), 2);
                (void) usleep(1000);
        }
        sd_bus_close_unref(waiting);
        while (waits() > 0)
                (void) usleep(1000);
}
END_TEST

/* Waits as another user, for nobody, over so many connections; until it is killed. */
static pid_t wait_as(uid_t uid, size_t n_buses) {
        Tally tally = { 0 };
        sd_bus *buses[8];
        pid_t pid;

        ck_assert_uint_le(n_buses, ELEMENTS(buses));
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid > 0)
                return pid;
        if (setuid(uid) < 0)
                _exit(2);
        for (size_t i = 0; i < n_buses; i++) {
                buses[i] = fixture_connect(&fixture);
                wait_for_nobody(buses[i], 1000, &tally);
        }
        for (;;)
                for (size_t i = 0; i < n_buses; i++)
                        if (sd_bus_process(buses[i], NULL) == 0)
                                (void) sd_bus_wait(buses[i], 10000);
}

#define FIRST_USER 100000U
#define N_USERS 5U

/* More users than this machine has, for the bus, which serves only users that it knows.  False if there is no
 * right to. */
static bool add_users(void) {
        char path[] = "/tmp/libvirt-resolve.XXXXXX";
        int fd = mkstemp(path);
        bool added;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_gt(dprintf(fd, "root:x:0:0::/:/bin/false\n"), 0);
        for (unsigned uid = FIRST_USER; uid < FIRST_USER + N_USERS; uid++)
                ck_assert_int_gt(dprintf(fd, "user%u:x:%u:65534::/:/bin/false\n", uid, uid), 0);
        ck_assert_int_eq(fchmod(fd, 0644), 0);
        added = unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount(path, "/etc/passwd", NULL, MS_BIND, NULL) == 0;
        ck_assert_int_eq(unlink(path), 0);
        close(fd);
        return added;
}

/* However many calls of ordinary users wait, one of root's finds room. */
START_TEST(waits_of_many_users) {
        Tally tally = { 0 };
        pid_t children[N_USERS];

        if (!add_users())
                return;
        teardown();
        setup();
        for (size_t i = 0; i < N_USERS; i++)
                children[i] = wait_as(FIRST_USER + (uid_t) i, 4);
        while (waits() < WAITS_MAX)
                (void) usleep(1000);
        wait_for_nobody(bus, 1, &tally);
        for (unsigned i = 0; i < 10; i++) {
                ck_assert_uint_eq(waits(), WAITS_MAX);
                while (sd_bus_process(bus, NULL) > 0)
                        ;
                ck_assert_uint_eq(tally.n_replies, 0);
        }
        for (size_t i = 0; i < N_USERS; i++) {
                ck_assert_int_eq(kill(children[i], SIGKILL), 0);
                ck_assert_int_eq(waitpid(children[i], NULL, 0), children[i]);
        }
}
END_TEST

START_TEST(ten_thousand_waits) {
        enum { N_BUSES = 10, N_EACH = 1000 };
        sd_bus *buses[N_BUSES];
        Tally tally = { 0 };

        for (size_t i = 0; i < N_BUSES; i++) {
                buses[i] = fixture_connect(&fixture);
                wait_for_nobody(buses[i], N_EACH, &tally);
        }
        while (tally.n_replies < N_BUSES * N_EACH - WAITS_USER_MAX)
                for (size_t i = 0; i < N_BUSES; i++)
                        while (sd_bus_process(buses[i], NULL) > 0)
                                ;
        ck_assert_uint_eq(tally.n_limited, N_BUSES * N_EACH - WAITS_USER_MAX);
        ck_assert_uint_eq(tally.n_others, 0);
        ck_assert_uint_eq(waits(), WAITS_USER_MAX);
        assert_within(look_up(), LOOKUP_USEC_MAX);
        if (geteuid() == 0)
                wait_as_nobody();

        for (size_t i = 0; i < N_BUSES; i++)
                sd_bus_close_unref(buses[i]);
        while (waits() > 0)
                (void) usleep(1000);
}
END_TEST

/* ---- guests ---- */

static char *many_leases(unsigned n) {
        char *text = malloc(128 * (size_t) n + 2), *p = text;

        ck_assert_ptr_nonnull(text);
        for (unsigned i = 0; i < n; i++)
                p += sprintf(p, "%c{\"ip-address\":\"10.%u.%u.%u\","
                                "\"mac-address\":\"52:54:00:%02x:%02x:%02x\",\"hostname\":\"g%u\"}",
                                i == 0 ? '[' : ',', 1 + (i >> 16), i >> 8 & 255, i & 255, i >> 16,
                                i >> 8 & 255, i & 255, i);
        strcpy(p, "]");
        return text;
}

/* So many leases of one hostname. */
static char *leases_called(const char *hostname, unsigned n) {
        char *text = malloc(160 * (size_t) n + 2), *p = text;

        ck_assert_ptr_nonnull(text);
        for (unsigned i = 0; i < n; i++)
                p += sprintf(p, "%c{\"ip-address\":\"10.%u.%u.%u\","
                                "\"mac-address\":\"52:54:00:%02x:%02x:%02x\",\"hostname\":\"%s\"}",
                                i == 0 ? '[' : ',', 1 + (i >> 16), i >> 8 & 255, i & 255, i >> 16,
                                i >> 8 & 255, i & 255, hostname);
        strcpy(p, "]");
        return text;
}

/* The processor time that the service has used, in ticks. */
static unsigned long service_ticks(void) {
        unsigned long user, system;
        char path[64];
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%i/stat", fixture.service);
        f = fopen(path, "re");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                        &system), 2);
        fclose(f);
        return user + system;
}

/* What some changes of one bridge's leases cost, while another's are these. */
static unsigned long ticks_beside(const char *leases) {
        unsigned long begin;

        fixture_write(&fixture, "virbr1.status", leases);
        look_up();
        begin = service_ticks();
        for (unsigned i = 0; i < 5; i++) {
                char *other = leases_called(i % 2 == 0 ? "other" : "another", 1);

                fixture_write(&fixture, "virbr2.status", other);
                free(other);
                look_up();
        }
        return service_ticks() - begin;
}

/* Leases that all have the same refused name cost no more than any others do. */
START_TEST(one_refused_name) {
        enum { N = 30000 / SLOWER };
        char *good = many_leases(N), *refused = leases_called("localhost", N);
        unsigned long ticks_good = ticks_beside(good), ticks_refused = ticks_beside(refused);

        printf("# five changes beside %u leases: %lu ticks; beside as many called localhost: %lu\n", N,
                        ticks_good,
                        ticks_refused);
        ck_assert_uint_lt(ticks_refused, 3 * ticks_good + 20);
        free(good);
        free(refused);
}
END_TEST

static unsigned count_lines(int fd, const char *what) {
        static char text[1 << 20];
        ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
        unsigned n = 0;

        ck_assert_int_ge(size, 0);
        text[size] = '\0';
        for (const char *p = text; (p = strstr(p, what)); p++)
                n++;
        return n;
}

/* A guest that calls itself localhost, and then not, and so on. */
START_TEST(to_and_fro) {
        int fd = memfd_create("log", MFD_CLOEXEC), status;
        char *names[] = { leases_called("localhost", 1), leases_called("web", 1) };

        ck_assert_int_ge(fd, 0);
        fixture_end(&fixture, SIGTERM);
        ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
        ck_assert_int_eq(unsetenv("JOURNAL_STREAM"), 0);
        fixture_start(&fixture, NULL);
        for (unsigned i = 0; i < 2 * REFUSALS_LOGGED_MAX + 20; i++) {
                fixture_write(&fixture, "virbr1.status", names[i % 2]);
                look_up();
        }
        ck_assert_uint_eq(count_lines(fd, "is refused"), REFUSALS_LOGGED_MAX);
        status = fixture_end(&fixture, SIGTERM);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_eq(count_lines(fd, "10 more hostnames were refused"), 1);
        close(fd);
        free(names[0]);
        free(names[1]);
}
END_TEST

/* More leases than are answered: the log says so once, and when it is over. */
START_TEST(too_many_leases) {
        int fd = memfd_create("log", MFD_CLOEXEC);
        char *most = many_leases(CATALOG_LEASES_MAX - 1),
                        *more[] = { leases_called("a", 3), leases_called("b", 2) };

        ck_assert_int_ge(fd, 0);
        fixture_end(&fixture, SIGTERM);
        ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
        ck_assert_int_eq(unsetenv("JOURNAL_STREAM"), 0);
        fixture_start(&fixture, NULL);
        fixture_write(&fixture, "virbr1.status", most);
        look_up();
        ck_assert_uint_eq(count_lines(fd, "ignored"), 0);
        for (unsigned i = 0; i < 4; i++) {
                fixture_write(&fixture, "virbr2.status", more[i % 2]);
                look_up();
        }
        ck_assert_uint_eq(count_lines(fd, "More than 200000 leases: 3 are ignored."), 1);
        ck_assert_uint_eq(count_lines(fd, "ignored"), 1);
        fixture_remove(&fixture, "virbr2.status");
        look_up();
        ck_assert_uint_eq(count_lines(fd, "No leases are ignored any more."), 1);
        close(fd);
        free(most);
        free(more[0]);
        free(more[1]);
}
END_TEST

/* ---- floods ---- */

/* Does something without end in children, each with a connection of its own. */
static void flood_begin(pid_t *pids, unsigned n, void (*flood)(sd_bus *, Tally *), Tally *tallies) {
        pid_t parent = getpid();

        for (unsigned i = 0; i < n; i++) {
                pids[i] = fork();
                ck_assert_int_ge(pids[i], 0);
                if (pids[i] == 0) {
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        if (getppid() != parent)
                                _exit(1);
                        flood(fixture_connect(&fixture), tallies + i);
                        _exit(0);
                }
        }
}

/* Looks up for so long; returns the longest that took. */
static uint64_t look_up_for(uint64_t usec, unsigned *ret_n) {
        uint64_t end = now_usec() + usec, longest = 0;
        unsigned n = 0;

        for (; now_usec() < end; n++) {
                uint64_t took = look_up();

                longest = MAX2(longest, took);
                (void) usleep(2000);
        }
        *ret_n = n;
        return longest;
}

static void flood_end(const pid_t *pids, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                ck_assert_int_eq(kill(pids[i], SIGKILL), 0);
                ck_assert_int_eq(waitpid(pids[i], NULL, 0), pids[i]);
        }
}

static Tally *tallies_new(unsigned n) {
        Tally *tallies = mmap(NULL, n * sizeof(*tallies), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);

        ck_assert_ptr_ne(tallies, MAP_FAILED);
        return tallies;
}

/* As many calls at a time as dbus-daemon lets through by default. */
static void flood_calls(sd_bus *b, Tally *tally) {
        for (;;) {
                unsigned n = tally->n_replies + CALLS_AT_A_TIME;

                for (unsigned i = 0; i < CALLS_AT_A_TIME; i++) {
                        if (sd_bus_call_method_async(b, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                        FIXTURE_SERVICE,
                                            "ResolveHostname", on_wait_reply, tally, "isit", 0, "nobody", 0,
                                            UINT64_C(0)) < 0)
                                return;
                }
                if (sd_bus_flush(b) < 0)
                        return;
                while (tally->n_replies < n)
                        if (sd_bus_process(b, NULL) == 0)
                                (void) sd_bus_wait(b, UINT64_MAX);
        }
}

START_TEST(flood) {
        enum { N = 3 };
        Tally *tallies = tallies_new(N);
        unsigned n, n_replies = 0;
        uint64_t longest;
        pid_t pids[N];

        flood_begin(pids, N, flood_calls, tallies);
        longest = look_up_for(3000000, &n);
        flood_end(pids, N);
        for (unsigned i = 0; i < N; i++)
                n_replies += tallies[i].n_replies;
        printf("# a flood of %u calls answered: %u lookups, the longest %" PRIu64 " ms\n", n_replies, n,
                        longest / 1000);
        ck_assert_uint_gt(n_replies, 1000);
        assert_within(longest, LOOKUP_USEC_MAX);
}
END_TEST

/* Of each user as many connections as dbus-daemon lets it have, but for a few; and of each
 * connection so many calls under way. */
#define CONNECTIONS_EACH 250
#define CALLS_EACH 4

static int flood_again(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Tally *tally = userdata;

        tally->n_replies++;
        return sd_bus_call_method_async(sd_bus_message_get_bus(reply), NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                        FIXTURE_SERVICE, "ResolveHostname", flood_again, tally, "isit", 0, "nobody", 0,
                        UINT64_C(0));
}

static void flood_connections(sd_bus *b, Tally *tally) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;

        ck_assert_int_ge(sd_event_new(&event), 0);
        for (unsigned i = 0; i < CONNECTIONS_EACH; i++) {
                if (i > 0)
                        b = fixture_connect(&fixture);
                ck_assert_int_ge(sd_bus_attach_event(b, event, 0), 0);
                wait_for_nobody(b, 1, tally);
                for (unsigned k = 0; k < CALLS_EACH; k++)
                        ck_assert_int_ge(sd_bus_call_method_async(b, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                                         FIXTURE_SERVICE, "ResolveHostname", flood_again,
                                                         tally, "isit",
                                                         0, "nobody", 0, UINT64_C(0)), 0);
                __atomic_store_n(&tally->n_connections, i + 1, __ATOMIC_SEQ_CST);
        }
        (void) sd_event_loop(event);
}

/* Users 1 to 3 are there everywhere (dbus-daemon wants to know them), and have no processes. */
static void flood_connections_of_user(sd_bus *b, Tally *tally) {
        sd_bus_flush_close_unref(b);
        if (setuid(1 + (uid_t) tally->n_others) < 0)
                _exit(1);
        tally->n_others = 0;
        flood_connections(fixture_connect(&fixture), tally);
}

static unsigned long service_status(const char *key) {
        unsigned long value = 0;
        char path[64], line[256];
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%i/status", fixture.service);
        f = fopen(path, "re");
        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, key, strlen(key)) == 0)
                        (void) sscanf(line + strlen(key), ": %lu", &value);
        fclose(f);
        ck_assert_uint_gt(value, 0);
        return value;
}

/* What so many connections may cost the service, kB: of each its calls, and who waits. */
#define FLOOD_KB_MAX (SLOWER > 1 ? 512UL * 1024 : 32UL * 1024) /* a sanitizer keeps what is freed */

START_TEST(hundreds_of_connections) {
        enum { N = 3 };
        unsigned n, n_replies = 0, n_limited = 0, n_users = geteuid() == 0 ? N : 1, n_descriptors;
        unsigned long before, peak;
        Tally *tallies = tallies_new(N);
        uint64_t longest, end;
        pid_t pids[N];

        look_up(); /* and the service has read what there is */
        n_descriptors = count_descriptors();
        before = service_status("VmRSS");
        for (unsigned i = 0; i < N; i++)
                tallies[i].n_others = i;
        flood_begin(pids, n_users, geteuid() == 0 ? flood_connections_of_user : flood_connections, tallies);
        end = now_usec() + FIXTURE_PATIENCE_MSEC * UINT64_C(1000);
        for (unsigned i = 0; i < n_users; i++)
                while (__atomic_load_n(&tallies[i].n_connections, __ATOMIC_SEQ_CST) < CONNECTIONS_EACH) {
                        ck_assert_uint_lt(now_usec(), end);
                        assert_within(look_up(), LOOKUP_USEC_MAX);
                }
        longest = look_up_for(3000000, &n);
        if (geteuid() == 0)
                wait_as_nobody();
        ck_assert_uint_eq(count_descriptors(), n_descriptors);
        flood_end(pids, n_users);

        for (unsigned i = 0; i < n_users; i++) {
                n_replies += tallies[i].n_replies;
                n_limited += tallies[i].n_limited;
        }
        peak = service_status("VmHWM");
        printf("# %u connections of %u users: %u calls answered, %u waits refused; %u lookups, the longest "
                        "%" PRIu64
               " ms; %lu kB more at the peak\n", n_users * CONNECTIONS_EACH, n_users, n_replies, n_limited, n,
               longest / 1000,
                        peak - before);
        ck_assert_uint_gt(n_replies, 1000);
        assert_within(longest, LOOKUP_USEC_MAX);
        ck_assert_uint_lt(peak - before, FLOOD_KB_MAX);
        while (waits() > 0)
                (void) usleep(1000);
        ck_assert_uint_eq(count_descriptors(), n_descriptors);
        assert_within(look_up(), LOOKUP_USEC_MAX);
}
END_TEST

static void list_leases(sd_bus *b, Tally *tally) {
        for (;;) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
                int r = sd_bus_call_method(b, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, "ListLeases",
                                &error,
                                NULL, "t", UINT64_C(0));

                tally->n_replies++;
                tally->n_limited += sd_bus_error_has_name(&error, SD_BUS_ERROR_LIMITS_EXCEEDED);
                tally->n_others += r >= 0;
                if (r < 0 && !sd_bus_error_is_set(&error))
                        return;
        }
}

static unsigned listed(const Tally *tallies, unsigned n) {
        unsigned sum = 0;

        for (unsigned i = 0; i < n; i++)
                sum += tallies[i].n_others;
        return sum;
}

START_TEST(listing) {
        enum { N = 3, N_LEASES = 100000 };
        unsigned n, n_limited = 0, n_listed;
        Tally *tallies = tallies_new(N);
        char *text = many_leases(N_LEASES);
        uint64_t longest;
        pid_t pids[N];

        fixture_write(&fixture, "virbr1.status", text);
        free(text);
        look_up();
        flood_begin(pids, N, list_leases, tallies);
        longest = look_up_for(6000000, &n);
        for (unsigned i = 0; i < 5 * SLOWER && listed(tallies, N) == 0; i++) {
                uint64_t more = look_up_for(3000000, &n);

                longest = MAX2(longest, more);
        }
        flood_end(pids, N);
        n_listed = listed(tallies, N);
        for (unsigned i = 0; i < N; i++)
                n_limited += tallies[i].n_limited;
        printf("# %u listings of %u leases, %u refused: %u lookups, the longest %" PRIu64 " ms\n", n_listed,
                        N_LEASES,
                        n_limited, n, longest / 1000);
        ck_assert_uint_gt(n_listed, 0);
        ck_assert_uint_gt(n_limited, 0);
        assert_within(longest, LOOKUP_USEC_MAX);
}
END_TEST

static int on_listed(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Tally *tally = userdata;

        tally->n_replies++;
        tally->n_limited += sd_bus_message_is_method_error(reply, SD_BUS_ERROR_LIMITS_EXCEEDED);
        tally->n_others += !sd_bus_message_is_method_error(reply, NULL);
        return 0;
}

/* Always has so many calls under way. */
static void pipeline_list_leases(sd_bus *b, Tally *tally) {
        enum { N_UNDER_WAY = 120 }; /* dbus-daemon's system bus lets a connection have 128 */

        for (unsigned n_sent = 0;;) {
                int r;

                for (; n_sent - tally->n_replies < N_UNDER_WAY; n_sent++)
                        if (sd_bus_call_method_async(b, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                        FIXTURE_SERVICE, "ListLeases",
                                            on_listed, tally, "t", UINT64_C(0)) < 0)
                                return;
                r = sd_bus_process(b, NULL);
                if (r == 0)
                        r = sd_bus_wait(b, UINT64_MAX);
                if (r < 0)
                        return;
        }
}

/* Listings that don't fit into the bus's socket keep no lookup waiting behind them. */
START_TEST(listings_in_a_pipeline) {
        enum { N = 8, N_LEASES = 2000 };
        unsigned n, n_limited = 0, n_listed;
        Tally *tallies = tallies_new(N);
        char *text = many_leases(N_LEASES);
        uint64_t longest;
        pid_t pids[N];

        fixture_write(&fixture, "virbr1.status", text);
        free(text);
        look_up();
        flood_begin(pids, N, pipeline_list_leases, tallies);
        longest = look_up_for(5000000, &n);
        flood_end(pids, N);
        n_listed = listed(tallies, N);
        for (unsigned i = 0; i < N; i++)
                n_limited += tallies[i].n_limited;
        printf("# %u listings in pipelines, %u refused: %u lookups, the longest %" PRIu64 " ms\n", n_listed,
                        n_limited, n,
                        longest / 1000);
        ck_assert_uint_gt(n_listed, 0);
        assert_within(longest, PIPELINE_USEC_MAX);
}
END_TEST

/* ---- names ---- */

static char *flood_leases(void) {
        char *text = malloc(160 * (size_t) FLOOD_NAMES + 2), *p = text, name[FLOOD_NAME_SIZE];
        Flood names;

        ck_assert_ptr_nonnull(text);
        flood_make("web1", &names);
        for (unsigned i = 0; i < FLOOD_NAMES; i++)
                p += sprintf(p, "%c{\"ip-address\":\"10.1.%u.%u\",\"mac-address\":\"52:54:00:01:%02x:%02x\","
                                "\"hostname\":\"%s\"}",
                                i == 0 ? '[' : ',', i >> 8, i & 255, i >> 8, i & 255,
                                flood_name(&names, i, name));
        strcpy(p, "]");
        return text;
}

/* How many leases the published index is of. */
static unsigned published_leases(void) {
        _cleanup_(closep) int fd = -1;
        char path[64];
        Index index;

        (void) snprintf(path, sizeof(path), "%s/" INDEX_FILE_NAME, fixture.runtime);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd >= 0 && index_load(fd, &index) == 0 ? index_meta(&index).n_leases : 0;
}

/* The guests of a whole /16 take names that a plain cdb hashes all alike.  Neither is the service held up
 * for as long as its watchdog waits, nor a lookup. */
START_TEST(names_of_one_hash) {
        uint64_t end = now_usec() + UINT64_C(1000) * FIXTURE_PATIENCE_MSEC, longest = 0;
        char *text = flood_leases();

        fixture_write(&fixture, "virbr1.status", text);
        free(text);
        while (published_leases() != FLOOD_NAMES + 1) {
                uint64_t usec = look_up();

                longest = MAX2(longest, usec);
                ck_assert_msg(now_usec() < end, "the index isn't published");
                poll(NULL, 0, 1);
        }
        printf("# %u names: the longest lookup %" PRIu64 " ms\n", FLOOD_NAMES, longest / 1000);
        assert_within(longest, LOOKUP_USEC_MAX);
}
END_TEST

/* Calls that get LimitsExceeded since the leases are too many for a reply aren't free either. */
typedef struct Refused {
        unsigned n_replies, n_too_many, n_resting;
} Refused;

static int on_refused(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        Refused *refused = userdata;

        refused->n_replies++;
        refused->n_too_many += e && strstr(e->message, "too many for one reply") != NULL;
        refused->n_resting += e && strstr(e->message, "try again") != NULL;
        return 0;
}

/* Leases that need more than a reply's bytes: nothing but client-ids, of the longest. */
static void write_fat_leases(const char *name, unsigned n, unsigned network) {
        const size_t each = CLIENT_ID_LENGTH_MAX + 100;
        char *text = malloc(n * each + 2), *p = text;

        ck_assert_ptr_nonnull(text);
        for (unsigned i = 0; i < n; i++)
                p += sprintf(p, "%c{\"ip-address\":\"10.%u.%u.%u\",\"client-id\":\"%0*u\"}",
                                i == 0 ? '[' : ',', network,
                                i >> 8 & 255, i & 255, (int) CLIENT_ID_LENGTH_MAX, i);
        strcpy(p, "]");
        fixture_write(&fixture, name, text);
        free(text);
}

START_TEST(listing_too_many) {
        enum { N = 120, N_LEASES = LIST_SIZE_MAX / CLIENT_ID_LENGTH_MAX / 2 };
        Refused refused = { 0 };

        write_fat_leases("virbr1.status", N_LEASES, 1);
        write_fat_leases("virbr2.status", N_LEASES, 2);
        look_up();
        for (unsigned i = 0; i < N; i++)
                ck_assert_int_ge(sd_bus_call_method_async(bus, NULL, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                FIXTURE_SERVICE,
                                                 "ListLeases", on_refused, &refused, "t", UINT64_C(0)), 0);
        while (refused.n_replies < N) {
                int r = sd_bus_process(bus, NULL);

                ck_assert_int_ge(r, 0);
                if (r == 0)
                        (void) sd_bus_wait(bus, UINT64_MAX);
        }
        printf("# of %u listings too long %u were refused for that, %u without looking\n", N,
                        refused.n_too_many,
                        refused.n_resting);
        ck_assert_uint_gt(refused.n_too_many, 0);
        ck_assert_uint_lt(refused.n_too_many, N / 2);
        ck_assert_uint_eq(refused.n_too_many + refused.n_resting, N);
}
END_TEST

int main(void) {
        TCase *tests = fixture_case("attacks", setup, teardown);

        if (!TIMES_COUNT)
                puts("# under a sanitizer, or with $TEST_BUSY, no lookup's time is checked");
        tcase_set_timeout(tests, SLOWER * 2.0 * FIXTURE_PATIENCE_MSEC / 1000);
        tcase_add_loop_test(tests, every_shape, 0, 3);
        tcase_add_test(tests, forged_signal);
        tcase_add_test(tests, waits_of_many_users);
        tcase_add_test(tests, ten_thousand_waits);
        tcase_add_test(tests, one_refused_name);
        tcase_add_test(tests, to_and_fro);
        tcase_add_test(tests, too_many_leases);
        tcase_add_test(tests, flood);
        tcase_add_test(tests, hundreds_of_connections);
        tcase_add_test(tests, listing);
        tcase_add_test(tests, listings_in_a_pipeline);
        tcase_add_test(tests, names_of_one_hash);
        tcase_add_test(tests, listing_too_many);
        return fixture_run(tests);
}
