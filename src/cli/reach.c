/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One attempt to reach a port of a guest.
 */

#include "cli/reach.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "cli/json.h"
#include "util/address.h"
#include "util/limits.h"

#define SSH_PREFIX "SSH-"

/* The time limits of a guest for accepting a connection, and for sending its first line. */
#define CONNECT_USEC UINT64_C(1000000)
#define GREETING_USEC UINT64_C(5000000)

typedef struct Attempt {
        Reach *reach;
        json_t *object;
        int fd;
        sd_event_source *io, *timer;
        int error; /* reported when the timer ends; 0: a time-out */
        size_t n_greeting;
        char greeting[SSH_GREETING_MAX + 1];
} Attempt;

struct Reach {
        sd_event *event;
        Port port;
        uint64_t end;
        ReachHandler handler;
        void *userdata;
        size_t n_pending, n_attempts;
        Attempt attempts[];
};

/* ---- attempts ---- */

static void attempt_clear(Attempt *a) {
        a->io = sd_event_source_disable_unref(a->io);
        a->timer = sd_event_source_disable_unref(a->timer);
        a->fd = close_safe(a->fd);
}

/* error: as for ReachHandler.  The first success, or the last failure, ends the Reach. */
static void attempt_end(Attempt *a, int error) {
        Reach *reach = a->reach;

        attempt_clear(a);
        reach->n_pending--;
        if (error != 0 && reach->n_pending > 0)
                return;
        for (size_t i = 0; i < reach->n_attempts; i++)
                attempt_clear(reach->attempts + i);
        reach->handler(reach->userdata, error, a->object); /* may free it */
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Attempt *a = userdata;

        attempt_end(a, a->error != 0 ? a->error : ETIMEDOUT);
        return 0;
}

/* Sets the attempt's timer to usec from now. */
static int attempt_limit(Attempt *a, uint64_t usec) {
        uint64_t now, until;
        int r;

        r = sd_event_now(a->reach->event, CLOCK_MONOTONIC, &now);
        if (r < 0)
                return r;
        until = MIN2(now + usec, a->reach->end);
        a->timer = sd_event_source_disable_unref(a->timer);
        return sd_event_add_time(a->reach->event, &a->timer, CLOCK_MONOTONIC, until, 1, on_timer, a);
}

/* Whether one of the lines so far begins as SSH's: other lines may precede it (RFC 4253, 4.2). */
static bool greeting_is_ssh(const char *greeting) {
        const char *line = greeting;

        while (line && strncmp(line, SSH_PREFIX, strlen(SSH_PREFIX)) != 0) {
                line = strchr(line, '\n');
                line = line ? line + 1 : NULL;
        }
        return line;
}

static void attempt_read(Attempt *a) {
        ssize_t n;

        n = recv(a->fd, a->greeting + a->n_greeting, SSH_GREETING_MAX - a->n_greeting, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0) {
                attempt_end(a, errno);
                return;
        }
        for (ssize_t i = 0; i < n; i++, a->n_greeting++) /* a NUL byte would hide the rest */
                a->greeting[a->n_greeting] = a->greeting[a->n_greeting] ?: ' ';
        if (greeting_is_ssh(a->greeting))
                attempt_end(a, 0);
        else if (n == 0 || a->n_greeting == SSH_GREETING_MAX)
                attempt_end(a, a->n_greeting > 0 ? EPROTO : ECONNRESET);
}

static void attempt_connected(Attempt *a) {
        socklen_t size = sizeof(int);
        int error = 0, r;

        if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                error = errno;
        if (error != 0 || !a->reach->port.ssh) {
                attempt_end(a, error);
                return;
        }
        r = sd_event_source_set_io_events(a->io, EPOLLIN);
        if (r >= 0)
                r = attempt_limit(a, GREETING_USEC);
        if (r < 0)
                attempt_end(a, -r);
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Attempt *a = userdata;
        uint32_t events = 0;

        (void) sd_event_source_get_io_events(s, &events);
        if (events & EPOLLOUT)
                attempt_connected(a);
        else
                attempt_read(a);
        return 0;
}

static socklen_t make_address(const json_t *object, uint16_t port, struct sockaddr_storage *ret) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *) ret;
        struct sockaddr_in *four = (struct sockaddr_in *) ret;
        Address address;

        *ret = (struct sockaddr_storage) { 0 };
        if (address_parse(json_text(object, "address") ?: "", &address) < 0)
                return 0;
        ret->ss_family = address.family;
        if (address.family == AF_INET) {
                four->sin_port = htons(port);
                memcpy(&four->sin_addr, address.bytes, sizeof(four->sin_addr));
                return sizeof(*four);
        }
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, address.bytes, sizeof(six->sin6_addr));
        if (address_is_link_local(address.family, address.bytes))
                six->sin6_scope_id = (uint32_t) json_number(object, "ifindex");
        return sizeof(*six);
}

static int attempt_begin(Attempt *a) {
        struct sockaddr_storage address;
        socklen_t size = make_address(a->object, a->reach->port.number, &address);
        int r;

        if (size == 0)
                return -EINVAL;
        a->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (a->fd < 0 || (connect(a->fd, (struct sockaddr *) &address, size) < 0 && errno != EINPROGRESS))
                return -errno;
        r = sd_event_add_io(a->reach->event, &a->io, a->fd, EPOLLOUT, on_io, a);
        return r < 0 ? r : attempt_limit(a, CONNECT_USEC);
}

/* ---- all of them ---- */

Reach *reach_free(Reach *reach) {
        if (!reach)
                return NULL;
        for (size_t i = 0; i < reach->n_attempts; i++) {
                attempt_clear(reach->attempts + i);
                json_decref(reach->attempts[i].object);
        }
        sd_event_unref(reach->event);
        free(reach);
        return NULL;
}

/* An immediate failure is also reported from the event loop. */
static int attempt_add(Reach *reach, json_t *object) {
        Attempt *a = reach->attempts + reach->n_attempts++;
        int r;

        *a = (Attempt) { .reach = reach, .object = json_incref(object), .fd = -1 };
        reach->n_pending++;
        r = attempt_begin(a);
        if (r >= 0)
                return 0;
        attempt_clear(a);
        a->error = -r;
        return attempt_limit(a, 0);
}

int reach_begin(sd_event *event, const json_t *objects, const Port *port, uint64_t end, ReachHandler handler,
                void *userdata, Reach **ret) {
        size_t i, n = json_array_size(objects);
        _cleanup_(reach_freep) Reach *reach = NULL;
        json_t *object;

        if (n == 0)
                return -EINVAL;
        reach = calloc(1, sizeof(Reach) + n * sizeof(Attempt));
        if (!reach)
                return -ENOMEM;
        reach->event = sd_event_ref(event);
        reach->port = *port;
        reach->end = end;
        reach->handler = handler;
        reach->userdata = userdata;
        json_array_foreach(objects, i, object) {
                int r;

                r = attempt_add(reach, object);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(reach);
        return 0;
}
