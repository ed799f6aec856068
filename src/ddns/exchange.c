/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One message to the server and its answer.
 */

#include "ddns/exchange.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "util/clock.h"

#define EXCHANGE_USEC_MAX UINT64_C(10000000)
#define LENGTH_SIZE 2

struct Exchange {
        const Key *key;
        ldns_pkt *query;
        uint8_t *out, *in;
        size_t n_out, sent, n_in, received;
        uint8_t length[LENGTH_SIZE];
        int fd;
        sd_event_source *io, *timer;
        ExchangeHandler handler;
        void *userdata;
};

Exchange *exchange_free(Exchange *x) {
        if (!x)
                return NULL;
        sd_event_source_disable_unref(x->io);
        sd_event_source_disable_unref(x->timer);
        close_safe(x->fd);
        ldns_pkt_free(x->query);
        free(x->out);
        free(x->in);
        free(x);
        return NULL;
}

size_t exchange_bytes(const Exchange *x) {
        return x->sent + x->received;
}

static void finish(Exchange *x, Answer answer, const char *reason) {
        x->io = sd_event_source_disable_unref(x->io);
        x->timer = sd_event_source_disable_unref(x->timer);
        x->handler(answer, reason, x->userdata);
}

/* With a unit's IPAddressDeny=, connecting fails with EPERM. */
static void finish_errno(Exchange *x, const char *what, int error) {
        char reason[160];

        (void) snprintf(reason, sizeof(reason), "%s: %s%s", what, strerror(error),
                        error == EPERM ? " (does the unit have IPAddressAllow= for the server?)" : "");
        finish(x, ANSWER_LOST, reason);
}

static void judge(Exchange *x) {
        const char *reason;
        Answer answer = answer_judge(x->in, x->n_in, x->query, x->key, &reason);

        finish(x, answer, reason);
}

/* ---- the connection ---- */

static int send_some(Exchange *x) {
        ssize_t n = send(x->fd, x->out + x->sent, x->n_out - x->sent, MSG_NOSIGNAL);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        x->sent += (size_t) n;
        return x->sent < x->n_out ? 0 : sd_event_source_set_io_events(x->io, EPOLLIN);
}

/* Receives the length, then the message.  Returns 1 if the message is complete, 0, or a negative errno. */
static int receive_some(Exchange *x) {
        bool in_length = x->received < LENGTH_SIZE;
        uint8_t *to = in_length ? x->length + x->received : x->in + x->received - LENGTH_SIZE;
        ssize_t n = recv(x->fd, to, (in_length ? LENGTH_SIZE : LENGTH_SIZE + x->n_in) - x->received, 0);

        if (n == 0)
                return -ECONNRESET;
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        x->received += (size_t) n;
        if (in_length && x->received == LENGTH_SIZE) {
                x->n_in = (size_t) x->length[0] << 8 | x->length[1];
                x->in = malloc(x->n_in + 1);
                if (!x->in)
                        return -ENOMEM;
        }
        return x->received >= LENGTH_SIZE && x->received == LENGTH_SIZE + x->n_in;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Exchange *x = userdata;
        int r, error = 0;
        socklen_t size = sizeof(error);

        if (x->sent == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) {
                finish_errno(x, "connecting", error);
                return 0;
        }
        r = x->sent < x->n_out ? send_some(x) : receive_some(x);
        if (r < 0)
                finish_errno(x, x->sent < x->n_out ? "sending" : "waiting for the answer", -r);
        else if (r > 0 && x->sent == x->n_out && x->received > 0)
                judge(x);
        return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        finish_errno(userdata, "waiting for the server", ETIMEDOUT);
        return 0;
}

/* Sets the message in its form for TCP: preceded by its length. */
static int set_message(Exchange *x) {
        _cleanup_(freep) uint8_t *wire = NULL;
        size_t size;

        if (ldns_pkt2wire(&wire, x->query, &size) != LDNS_STATUS_OK || size > UINT16_MAX)
                return -EMSGSIZE;
        x->out = malloc(LENGTH_SIZE + size);
        if (!x->out)
                return -ENOMEM;
        x->out[0] = (uint8_t) (size >> 8);
        x->out[1] = (uint8_t) size;
        memcpy(x->out + LENGTH_SIZE, wire, size);
        x->n_out = LENGTH_SIZE + size;
        return 0;
}

static int start_connecting(Exchange *x, sd_event *event, const struct sockaddr *address, socklen_t size) {
        int r;

        x->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (x->fd < 0)
                return -errno;
        if (connect(x->fd, address, size) < 0 && errno != EINPROGRESS)
                return -errno;
        r = sd_event_add_io(event, &x->io, x->fd, EPOLLOUT, on_io, x);
        return r < 0 ? r :
                       sd_event_add_time(event, &x->timer, CLOCK_MONOTONIC,
                                       clock_usec(CLOCK_MONOTONIC) + EXCHANGE_USEC_MAX, 0, on_timeout, x);
}

int exchange_start(sd_event *event, const struct sockaddr *address, socklen_t size, const Key *key,
                ldns_pkt *pkt, ExchangeHandler handler, void *userdata, Exchange **ret) {
        _cleanup_(exchange_freep) Exchange *x = calloc(1, sizeof(*x));
        int r;

        if (!x) {
                ldns_pkt_free(pkt);
                return -ENOMEM;
        }
        x->fd = -1;
        x->key = key;
        x->query = pkt;
        x->handler = handler;
        x->userdata = userdata;
        r = set_message(x);
        if (r >= 0)
                r = start_connecting(x, event, address, size);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(x);
        return 0;
}
