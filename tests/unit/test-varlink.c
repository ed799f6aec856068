/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The Varlink server, on a socket and a loop of its own, with peers that behave and peers that don't.
 */

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/clock.h"
#include "service/varlink.h"
#include "unit.h"
#include "util/limits.h"

/* Larger than a socket takes at once. */
#define BIG (1024U * 1024U)

static sd_event *event;
static VarlinkServer *server;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static unsigned n_calls;
static char log_text[65536]; /* the methods called, a blank behind each */

/* The user of the next connections: a test can't make other users' connections unless it is root. */
#define SYSTEM_USER 990
#define ORDINARY_USER 1000
static uid_t next_uid = SYSTEM_USER;

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *size);

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
        int r = __real_getsockopt(fd, level, name, value, size);

        if (r == 0 && level == SOL_SOCKET && name == SO_PEERCRED)
                ((struct ucred *) value)->uid = next_uid;
        return r;
}

#if __SIZEOF_POINTER__ == 4
/* What a 32-bit C library calls it with times of 64 bits. */
int __wrap___getsockopt64(int fd, int level, int name, void *value, socklen_t *size);

int __wrap___getsockopt64(int fd, int level, int name, void *value, socklen_t *size) {
        return __wrap_getsockopt(fd, level, name, value, size);
}
#endif

/* ---- what is served ---- */

static json_t *big_parameters(size_t size) {
        char *text = malloc(size + 1);
        json_t *parameters;

        ck_assert_ptr_nonnull(text);
        memset(text, 'x', size);
        text[size] = '\0';
        parameters = json_pack("{s:s}", "x", text);
        free(text);
        return parameters;
}

static void on_call(const VarlinkCall *call, void *userdata) {
        size_t n = strlen(log_text);

        n_calls++;
        if (n < sizeof(log_text) - 64)
                (void) snprintf(log_text + n, sizeof(log_text) - n, "%.60s ", call->method);
        ck_assert_str_eq(userdata, "userdata");

        if (strcmp(call->method, "fail") == 0)
                varlink_reply_error(call, "no.Luck", NULL);
        else if (strcmp(call->method, "big") == 0)
                varlink_reply(call, big_parameters(BIG));
        else if (strcmp(call->method, "huge") == 0)
                varlink_reply(call, big_parameters(HOOK_OUTPUT_MAX));
        else if (strcmp(call->method, "subscribe") == 0)
                varlink_subscribe(call, "first");
        else
                varlink_reply(call, json_deep_copy(call->parameters));
}

static void setup(void) {
        socklen_t length = sizeof(address);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        /* an abstract name that the kernel chooses */
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &address, &length), 0);
        ck_assert_int_eq(listen(fd, 4096), 0);
        ck_assert_int_ge(sd_event_new(&event), 0);
        ck_assert_int_eq(varlink_server_new(event, fd, on_call, (void *) "userdata", &server), 0);
        ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
}

static void teardown(void) {
        server = varlink_server_free(server);
        event = sd_event_unref(event);
}

/* Lets the server do all that it can. */
static void settle(void) {
        while (sd_event_run(event, 0) > 0)
                ;
}

/* The same, for so long, µs. */
static void settle_for(uint64_t usec) {
        uint64_t end = clock_usec(CLOCK_MONOTONIC) + usec, now;

        while ((now = clock_usec(CLOCK_MONOTONIC)) < end)
                ck_assert_int_ge(sd_event_run(event, end - now), 0);
        settle();
}

/* ---- peers ---- */

static int peer_connect(void) {
        socklen_t length = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 6); /* NUL, five digits */
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(connect(fd, (struct sockaddr *) &address, length), 0);
        ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
        return fd;
}

/* Sends as much of it as goes at once. */
static void peer_send_bytes(int fd, const void *bytes, size_t size) {
        ck_assert_int_eq(send(fd, bytes, size, MSG_NOSIGNAL), (ssize_t) size);
}

/* A message, or several with newlines between them in place of NULs; n times over. */
static void peer_send(int fd, const char *messages, size_t n) {
        size_t size = strlen(messages) + 1;
        char *copy = malloc(n * size);

        ck_assert_ptr_nonnull(copy);
        for (size_t i = 0; i < n; i++)
                memcpy(copy + i * size, messages, size);
        for (size_t i = 0; i < n * size; i++)
                if (copy[i] == '\n')
                        copy[i] = '\0';
        peer_send_bytes(fd, copy, n * size);
        free(copy);
}

/* What has come, newlines in place of NULs; "" for nothing, "closed" behind what came where that was the
 * end. */
static const char *peer_receive(int fd) {
        static char buffer[65536];
        size_t size = 0;
        ssize_t n;

        while ((n = recv(fd, buffer + size, sizeof(buffer) - 16 - size, 0)) > 0)
                size += (size_t) n;
        for (size_t i = 0; i < size; i++)
                if (buffer[i] == '\0')
                        buffer[i] = '\n';
        (void) strcpy(buffer + size, n == 0 || errno == ECONNRESET ? "closed" : "");
        return buffer;
}

/* Receives messages while the server sends them, until it has no more; returns how many, and the last one's
 * first bytes. */
static size_t peer_drain(int fd, char *ret_last, size_t size) {
        static char buffer[65536];
        size_t n_messages = 0, at = 0;
        ssize_t n;

        for (settle(); (n = recv(fd, buffer, sizeof(buffer), 0)) > 0; settle())
                for (ssize_t i = 0; i < n; i++) {
                        if (at < size)
                                ret_last[at] = buffer[i];
                        at++;
                        if (buffer[i] == '\0') {
                                n_messages++;
                                at = 0;
                        }
                }
        ret_last[size - 1] = '\0';
        return n_messages;
}

static void assert_served(int fd) {
        peer_send(fd, "{\"method\":\"well\"}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n");
}

static void assert_dropped(int fd) {
        settle();
        ck_assert_str_eq(peer_receive(fd), "closed");
        close(fd);
}

/* ---- framing ---- */

START_TEST(test_call) {
        int fd = peer_connect();

        peer_send(fd, "{\"method\":\"echo\",\"parameters\":{\"a\":[1,\"\\u00e9\"]},\"unknown\":1}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{\"a\":[1,\"\xc3\xa9\"]}}\n");
        peer_send(fd, "{\"method\":\"echo\",\"parameters\":null}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n");
        peer_send(fd, "{\"method\":\"fail\"}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"error\":\"no.Luck\",\"parameters\":{}}\n");
        close(fd);
}
END_TEST

START_TEST(test_split) {
        static const char message[] = "{\"method\":\"echo\",\"parameters\":{\"a\":1}}";
        int fd = peer_connect();

        for (size_t i = 0; i < sizeof(message); i++) {
                ck_assert_str_eq(peer_receive(fd), "");
                peer_send_bytes(fd, message + i, 1);
                settle();
        }
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{\"a\":1}}\n");
        close(fd);
}
END_TEST

START_TEST(test_joined) {
        int fd = peer_connect();

        peer_send(fd, "{\"method\":\"a\"}\n{\"method\":\"fail\"}\n{\"method\":\"b\","
                        "\"parameters\":{\"b\":2}}", 1);
        peer_send_bytes(fd, "{\"method\"", 9);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n{\"error\":\"no.Luck\",\"parameters\":{}}\n"
                                           "{\"parameters\":{\"b\":2}}\n");
        peer_send_bytes(fd, ":\"c\"}", 6);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n");
        ck_assert_str_eq(log_text, "a fail b c ");
        close(fd);
}
END_TEST

START_TEST(test_oneway) {
        int fd = peer_connect();

        peer_send(fd, "{\"method\":\"a\",\"oneway\":true}\n{\"method\":\"fail\",\"oneway\":true}\n"
                      "{\"method\":\"subscribe\",\"oneway\":true,\"more\":true}", 1);
        settle();
        ck_assert_str_eq(log_text, "a fail subscribe ");
        varlink_server_push(server, "push");
        settle();
        ck_assert_str_eq(peer_receive(fd), "");
        assert_served(fd);
        close(fd);
}
END_TEST

static const char *const bad_messages[] = {
        "",
        " ",
        "{}",
        "[]",
        "1",
        "null",
        "\"method\"",
        "{\"method\":1}",
        "{\"method\":null}",
        "{\"method\":[\"a\"]}",
        "{\"Method\":\"a\"}",
        "{\"method\":\"a\",\"parameters\":[]}",
        "{\"method\":\"a\",\"parameters\":\"x\"}",
        "{\"method\":\"a\",\"parameters\":0}",
        "{\"method\":\"a\",\"method\":\"b\"}",
        "{\"method\":\"a\\u0000b\"}",
        "{\"method\":\"a\"",
        "{\"method\":\"a\"}}",
        "{\"method\":\"a\"}{\"method\":\"b\"}",
        "{\"method\":\"\xff\"}",
        "{\"method\":\"a\",\"x\":99999999999999999999}",
        "GET / HTTP/1.1\r",
};

START_TEST(test_bad) {
        int good = peer_connect(), fd = peer_connect();

        assert_served(good);
        peer_send(fd, bad_messages[_i], 1);
        assert_dropped(fd);
        assert_served(good);
        ck_assert_str_eq(log_text, "well well ");
        close(good);
}
END_TEST

static void fill(int fd, char c, size_t size) {
        char *bytes = malloc(size);

        ck_assert_ptr_nonnull(bytes);
        memset(bytes, c, size);
        for (size_t sent = 0; sent < size;) {
                ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);

                if (n < 0 && errno != EAGAIN)
                        break;
                sent += n > 0 ? (size_t) n : 0;
                settle();
        }
        free(bytes);
}

START_TEST(test_floods) {
        static const char kinds[] = { '\0', 'x', ' ', '{', '[', '"', '\xff' };

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                int fd = peer_connect();

                fill(fd, kinds[i], 2 * HOOK_MESSAGE_MAX);
                assert_dropped(fd);
        }
        ck_assert_uint_eq(n_calls, 0);
}
END_TEST

/* The largest message that is taken, and one byte more. */
START_TEST(test_size) {
        static const char tail[] = "{\"method\":\"well\"}";
        int fd = peer_connect();

        fill(fd, ' ', HOOK_MESSAGE_MAX - sizeof(tail));
        assert_served(fd);
        fill(fd, ' ', HOOK_MESSAGE_MAX - sizeof(tail) + 1);
        peer_send(fd, tail, 1);
        assert_dropped(fd);
        ck_assert_uint_eq(n_calls, 1);
}
END_TEST

/* ---- ends ---- */

START_TEST(test_close) {
        int fd = peer_connect();

        peer_send_bytes(fd, "{\"method\"", 9);
        settle();
        close(fd);
        settle();

        /* with the answer not read */
        fd = peer_connect();
        peer_send(fd, "{\"method\":\"big\"}", 4);
        settle();
        close(fd);
        settle();

        /* having said all it has to say */
        fd = peer_connect();
        peer_send(fd, "{\"method\":\"a\"}\n{\"method\":\"b\"}", 1);
        ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
        settle();
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n{\"parameters\":{}}\nclosed");
        close(fd);
}
END_TEST

START_TEST(test_free) {
        int fd = peer_connect(), other = peer_connect();

        peer_send(fd, "{\"method\":\"big\"}", 2);
        peer_send(other, "{\"method\":\"subscribe\",\"more\":true}", 1);
        peer_send_bytes(other, "{", 1);
        settle();
        server = varlink_server_free(server);
        ck_assert_str_eq(peer_receive(other), "first\nclosed");
        close(fd);
        close(other);
}
END_TEST

/* ---- those that take more than their part ---- */

START_TEST(test_not_reading) {
        int slow = peer_connect(), good = peer_connect();
        char last[32];

        peer_send(slow, "{\"method\":\"big\"}", 500);
        settle();
        ck_assert_uint_le(n_calls, 2); /* asked no more until it has taken that */
        assert_served(good);
        ck_assert_uint_eq(peer_drain(slow, last, sizeof(last)), 500);
        assert_served(slow);
        close(slow);
        close(good);
}
END_TEST

/* Whoever asks much at once waits as long as the others do. */
START_TEST(test_turns) {
        int greedy = peer_connect(), good = peer_connect();
        unsigned n;

        assert_served(greedy);
        assert_served(good);
        peer_send(greedy, "{\"method\":\"a\"}", 200);
        ck_assert_int_gt(sd_event_run(event, 0), 0);
        peer_send(good, "{\"method\":\"b\"}", 1);
        n = 2;
        while (*peer_receive(good) == '\0')
                ck_assert_int_gt(sd_event_run(event, 0), 0);
        ck_assert_uint_le(n_calls - n, 4);
        settle();
        ck_assert_uint_eq(n_calls, 2 + 200 + 1);
        close(greedy);
        close(good);
}
END_TEST

START_TEST(test_huge) {
        int fd = peer_connect();

        peer_send(fd, "{\"method\":\"huge\"}", 1);
        assert_dropped(fd);
}
END_TEST

START_TEST(test_stuck) {
        int stuck = peer_connect(), good = peer_connect();
        char last[32];

        peer_send(stuck, "{\"method\":\"big\"}", 1);
        settle_for(HOOK_STUCK_USEC / 2);
        ck_assert_int_eq(poll(&(struct pollfd) { .fd = stuck, .events = POLLRDHUP }, 1, 0), 0);
        settle_for(HOOK_STUCK_USEC / 2 + 300000);
        ck_assert_uint_eq(peer_drain(stuck, last, sizeof(last)), 0);
        ck_assert_str_eq(peer_receive(stuck), "closed");
        assert_served(good);
        close(stuck);
        close(good);
}
END_TEST

/* New pushes are no reason to wait longer. */
START_TEST(test_stuck_subscriber) {
        int stuck = peer_connect();
        char *text = malloc(BIG);

        ck_assert_ptr_nonnull(text);
        memset(text, 'x', BIG - 1);
        text[BIG - 1] = '\0';
        peer_send(stuck, "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        for (unsigned i = 0; i < 8; i++) {
                varlink_server_push(server, text);
                settle_for(HOOK_STUCK_USEC / 6);
        }
        ck_assert_uint_eq(varlink_server_subscribers(server), 0);
        free(text);
        close(stuck);
}
END_TEST

/* The one that nothing was heard of for the longest time makes room. */
START_TEST(test_peers) {
        int fds[HOOK_PEERS_MAX], fd, subscriber = peer_connect();

        peer_send(subscriber, "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        ck_assert_str_eq(peer_receive(subscriber), "first\n");
        for (size_t i = 0; i < HOOK_PEERS_MAX - 1; i++) {
                fds[i] = peer_connect();
                settle();
        }
        assert_served(fds[0]);

        fd = peer_connect();
        assert_served(fd);
        ck_assert_str_eq(peer_receive(fds[1]), "closed");
        assert_served(fds[0]);
        assert_served(fds[2]);
        varlink_server_push(server, "second");
        settle();
        ck_assert_str_eq(peer_receive(subscriber), "second\n");
}
END_TEST

/* An ordinary user has some connections, all of them have a share, and neither costs a system user one. */
START_TEST(test_peers_of_users) {
        int system = peer_connect(), first, second, other;

        assert_served(system);
        next_uid = ORDINARY_USER;
        first = peer_connect();
        second = peer_connect();
        assert_served(first);
        for (size_t i = 0; i < HOOK_USER_PEERS_MAX - 1; i++) {
                (void) peer_connect();
                settle();
        }
        ck_assert_uint_eq(varlink_server_peers(server), 1 + HOOK_USER_PEERS_MAX);
        assert_dropped(second);
        assert_served(first);

        next_uid++;
        other = peer_connect();
        assert_served(other);
        for (size_t i = 0; i < HOOK_ORDINARY_PEERS_MAX; i++) {
                next_uid++;
                (void) peer_connect();
                settle();
        }
        ck_assert_uint_eq(varlink_server_peers(server), 1 + HOOK_ORDINARY_PEERS_MAX);
        assert_dropped(other);
        assert_served(system);
}
END_TEST

/* New connections are accepted, and root's and system users' questions answered, before ordinary users'. */
START_TEST(test_system_first) {
        int ordinary[HOOK_USER_PEERS_MAX], system = peer_connect(), late;

        assert_served(system);
        next_uid = ORDINARY_USER;
        for (size_t i = 0; i < ELEMENTS(ordinary); i++) {
                ordinary[i] = peer_connect();
                assert_served(ordinary[i]);
                peer_send(ordinary[i], "{\"method\":\"a\"}", 5);
        }
        *log_text = '\0';
        next_uid = SYSTEM_USER;
        late = peer_connect();
        peer_send(late, "{\"method\":\"late\"}", 1);
        peer_send(system, "{\"method\":\"b\"}", 1);
        while (!strstr(log_text, "late") || !strstr(log_text, "b"))
                ck_assert_int_gt(sd_event_run(event, 0), 0);
        ck_assert_ptr_null(strstr(log_text, "a "));
        settle();
        ck_assert_ptr_nonnull(strstr(log_text, "a "));
}
END_TEST

/* All at once, each with a question: none is lost. */
START_TEST(test_burst) {
        int fds[HOOK_PEERS_MAX];

        for (size_t i = 0; i < ELEMENTS(fds); i++) {
                fds[i] = peer_connect();
                peer_send(fds[i], "{\"method\":\"a\"}", 1);
        }
        settle();
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                ck_assert_str_eq(peer_receive(fds[i]), "{\"parameters\":{}}\n");
}
END_TEST

/* With no descriptor left the server doesn't spin, and goes on when there is one. */
START_TEST(test_no_descriptors) {
        int good = peer_connect(), fd, next;
        struct rlimit limit, none;
        unsigned n = 0;

        assert_served(good);
        fd = peer_connect();
        peer_send(fd, "{\"method\":\"well\"}", 1);
        next = dup(fd);
        ck_assert_int_ge(next, 0);
        close(next);
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        none = (struct rlimit) { .rlim_cur = (rlim_t) next, .rlim_max = limit.rlim_max };
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
        for (uint64_t end = clock_usec(CLOCK_MONOTONIC) + 3 * HOOK_REST_USEC;
             clock_usec(CLOCK_MONOTONIC) < end; n++)
                ck_assert_int_ge(sd_event_run(event, HOOK_REST_USEC / 2), 0);
        ck_assert_uint_lt(n, 20);
        ck_assert_str_eq(peer_receive(fd), "");
        assert_served(good);

        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        settle_for(2 * HOOK_REST_USEC);
        ck_assert_str_eq(peer_receive(fd), "{\"parameters\":{}}\n");
        close(fd);
        close(good);
}
END_TEST

/* ---- pushes ---- */

START_TEST(test_push) {
        int a = peer_connect(), b = peer_connect(), other = peer_connect();

        peer_send(a, "{\"method\":\"subscribe\",\"more\":true}", 1);
        peer_send(b, "{\"method\":\"subscribe\",\"more\":true}", 1);
        assert_served(other);
        ck_assert_uint_eq(varlink_server_subscribers(server), 2);
        varlink_server_push(server, "second");
        varlink_server_push(server, "third");
        ck_assert_str_eq(peer_receive(a), "first\nsecond\nthird\n");
        close(b);
        settle();
        ck_assert_uint_eq(varlink_server_subscribers(server), 1);
        varlink_server_push(server, "fourth");
        ck_assert_str_eq(peer_receive(a), "fourth\n");
        ck_assert_str_eq(peer_receive(other), "");
        close(a);
        close(other);
}
END_TEST

/* Of those not taken yet only the last is kept. */
START_TEST(test_push_coalesced) {
        char *text = malloc(BIG), last[3];
        int fd = peer_connect();

        ck_assert_ptr_nonnull(text);
        memset(text, 'x', BIG - 1);
        text[BIG - 1] = '\0';
        peer_send(fd, "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        for (unsigned i = 0; i < 100; i++) {
                text[0] = (char) ('0' + i / 10);
                text[1] = (char) ('0' + i % 10);
                varlink_server_push(server, text);
        }
        ck_assert_uint_eq(peer_drain(fd, last, sizeof(last)), 3); /* "first", one half sent, the last */
        ck_assert_str_eq(last, "99");
        free(text);
        close(fd);
}
END_TEST

START_TEST(test_subscribers) {
        int fds[HOOK_SUBSCRIBERS_MAX], fd;

        for (size_t i = 0; i < ELEMENTS(fds); i++) {
                fds[i] = peer_connect();
                peer_send(fds[i], "{\"method\":\"subscribe\",\"more\":true}", 1);
        }
        fd = peer_connect();
        peer_send(fd, "{\"method\":\"subscribe\",\"more\":true}", 1);
        assert_dropped(fd);
        ck_assert_uint_eq(varlink_server_subscribers(server), HOOK_SUBSCRIBERS_MAX);

        /* who already is one may ask again */
        (void) peer_receive(fds[0]);
        peer_send(fds[0], "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fds[0]), "first\n");
        close(fds[1]);
        settle();
        fd = peer_connect();
        peer_send(fd, "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        ck_assert_str_eq(peer_receive(fd), "first\n");
}
END_TEST

static int subscribe_as(uid_t uid) {
        int fd = peer_connect();

        next_uid = uid;
        peer_send(fd, "{\"method\":\"subscribe\",\"more\":true}", 1);
        settle();
        return fd;
}

/* A user who has them all gives way to others, one each, and doesn't get them back. */
START_TEST(test_subscribers_of_users) {
        int greedy[HOOK_ORDINARY_SUBSCRIBERS_MAX], other, third, late;

        for (size_t i = 0; i < ELEMENTS(greedy); i++)
                greedy[i] = subscribe_as(65534);
        other = subscribe_as(65533);
        ck_assert_str_eq(peer_receive(other), "first\n");
        third = subscribe_as(1000);
        ck_assert_str_eq(peer_receive(third), "first\n");
        ck_assert_uint_eq(varlink_server_subscribers(server), HOOK_ORDINARY_SUBSCRIBERS_MAX);
        ck_assert_str_eq(peer_receive(greedy[0]), "first\nclosed");
        ck_assert_str_eq(peer_receive(greedy[1]), "first\nclosed");
        ck_assert_str_eq(peer_receive(greedy[2]), "first\n");

        late = subscribe_as(65534);
        ck_assert_str_eq(peer_receive(late), "closed");
        varlink_server_push(server, "second");
        settle();
        ck_assert_str_eq(peer_receive(other), "second\n");
        ck_assert_str_eq(peer_receive(third), "second\n");
        ck_assert_str_eq(peer_receive(greedy[2]), "second\n");
}
END_TEST

/* However many ordinary users there are, a system user is told the names. */
START_TEST(test_subscribers_of_many_users) {
        int system;

        for (uid_t uid = ORDINARY_USER; uid < ORDINARY_USER + HOOK_SUBSCRIBERS_MAX; uid++)
                (void) subscribe_as(uid);
        ck_assert_uint_eq(varlink_server_subscribers(server), HOOK_ORDINARY_SUBSCRIBERS_MAX);
        system = subscribe_as(SYSTEM_USER);
        ck_assert_str_eq(peer_receive(system), "first\n");
}
END_TEST

int main(void) {
        TCase *tests = unit_case("varlink");

        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, test_call);
        tcase_add_test(tests, test_split);
        tcase_add_test(tests, test_joined);
        tcase_add_test(tests, test_oneway);
        tcase_add_loop_test(tests, test_bad, 0, ELEMENTS(bad_messages));
        tcase_add_test(tests, test_floods);
        tcase_add_test(tests, test_size);
        tcase_add_test(tests, test_close);
        tcase_add_test(tests, test_free);
        tcase_add_test(tests, test_not_reading);
        tcase_add_test(tests, test_turns);
        tcase_add_test(tests, test_huge);
        tcase_add_test(tests, test_stuck);
        tcase_add_test(tests, test_stuck_subscriber);
        tcase_add_test(tests, test_peers);
        tcase_add_test(tests, test_peers_of_users);
        tcase_add_test(tests, test_system_first);
        tcase_add_test(tests, test_burst);
        tcase_add_test(tests, test_no_descriptors);
        tcase_add_test(tests, test_push);
        tcase_add_test(tests, test_push_coalesced);
        tcase_add_test(tests, test_subscribers);
        tcase_add_test(tests, test_subscribers_of_users);
        tcase_add_test(tests, test_subscribers_of_many_users);
        return unit_run("varlink", tests);
}
