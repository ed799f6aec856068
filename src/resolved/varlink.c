/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A Varlink server.
 */

#include "resolved/varlink.h"

#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "resolved/clock.h"
#include "util/limits.h"

#define INPUT_CHUNK 4096U

struct VarlinkPeer {
        VarlinkServer *server;
        int fd;
        uid_t uid;
        bool subscribed;
        bool broken;       /* to be dropped */
        char *input;       /* what came of a message */
        size_t input_size;
        char *output;      /* what is still to be sent */
        size_t output_size, output_sent;
        char *push;        /* the newest push, behind the output */
        sd_event_source *io, *stuck;
        LIST_ENTRY(VarlinkPeer) list;
};

struct VarlinkServer {
        sd_event *event;
        int listen_fd;
        VarlinkHandler handler;
        void *userdata;
        sd_event_source *io;
        size_t n_peers;
        LIST_HEAD(, VarlinkPeer) peers;
};

static void peer_free(VarlinkPeer *p) {
        LIST_REMOVE(p, list);
        p->server->n_peers--;
        sd_event_source_disable_unref(p->io);
        sd_event_source_disable_unref(p->stuck);
        close_safe(p->fd);
        free(p->input);
        free(p->output);
        free(p->push);
        free(p);
}

/* ---- sending ---- */

static void peer_watch_output(VarlinkPeer *p) {
        bool waiting = p->output_size > 0;

        /* Who doesn't take the answers is asked no more questions. */
        (void) sd_event_source_set_io_events(p->io, waiting ? EPOLLOUT : EPOLLIN);
        if (waiting)
                (void) sd_event_source_set_time(p->stuck, clock_usec(CLOCK_MONOTONIC) + HOOK_STUCK_USEC);
        (void) sd_event_source_set_enabled(p->stuck, waiting ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* Appends a message to what is to be sent. */
static void peer_append(VarlinkPeer *p, const char *text) {
        size_t n = strlen(text) + 1;
        char *output;

        if (p->broken)
                return;
        output = p->output_size + n > HOOK_OUTPUT_MAX ? NULL : realloc(p->output, p->output_size + n);
        if (!output) {
                p->broken = true;
                return;
        }
        memcpy(output + p->output_size, text, n);
        p->output = output;
        p->output_size += n;
}

/* Sends as much as the peer takes. */
static void peer_send(VarlinkPeer *p) {
        while (!p->broken && p->output_sent < p->output_size) {
                ssize_t n = send(p->fd, p->output + p->output_sent, p->output_size - p->output_sent,
                                MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n < 0)
                        p->broken = true;
                else
                        p->output_sent += (size_t) n;
        }
        if (p->output_sent == p->output_size) {
                p->output_size = p->output_sent = 0;
                if (p->push) {
                        _cleanup_(freep) char *push = TAKE_PTR(p->push);

                        peer_append(p, push);
                        peer_send(p);
                }
        }
}

static void peer_flush(VarlinkPeer *p) {
        peer_send(p);
        peer_watch_output(p);
        /* Freed at the loop's next turn: the caller may still hold it. */
        if (p->broken) {
                (void) sd_event_source_set_time(p->stuck, 0);
                (void) sd_event_source_set_enabled(p->stuck, SD_EVENT_ONESHOT);
        }
}

static void peer_send_object(VarlinkPeer *p, json_t *object) {
        char *text = json_dumps(object, JSON_COMPACT);

        if (text)
                peer_append(p, text);
        else
                p->broken = true;
        free(text);
        json_decref(object);
}

void varlink_reply(const VarlinkCall *call, json_t *parameters) {
        if (!parameters)
                parameters = json_object();
        if (call->oneway)
                json_decref(parameters);
        else
                peer_send_object(call->peer, json_pack("{s:o}", "parameters", parameters));
}

void varlink_reply_error(const VarlinkCall *call, const char *error, json_t *parameters) {
        if (!parameters)
                parameters = json_object();
        if (call->oneway)
                json_decref(parameters);
        else
                peer_send_object(call->peer, json_pack("{s:s, s:o}", "error", error, "parameters", parameters));
}

void varlink_subscribe(const VarlinkCall *call, const char *text) {
        call->peer->subscribed = true;
        peer_append(call->peer, text);
}

void varlink_server_push(VarlinkServer *server, const char *text) {
        VarlinkPeer *p;

        LIST_FOREACH(p, &server->peers, list) {
                if (!p->subscribed || p->broken)
                        continue;
                free(p->push);
                p->push = strdup(text);
                if (!p->push)
                        p->broken = true;
                peer_flush(p);
        }
}

size_t varlink_server_subscribers(const VarlinkServer *server) {
        const VarlinkPeer *p;
        size_t n = 0;

        LIST_FOREACH(p, &server->peers, list)
                n += p->subscribed;
        return n;
}

/* ---- receiving ---- */

static void peer_handle(VarlinkPeer *p, const char *message, size_t size) {
        json_t *object = json_loadb(message, size, JSON_REJECT_DUPLICATES, NULL);
        json_t *method = json_object_get(object, "method");
        json_t *parameters = json_object_get(object, "parameters");

        if (!json_is_string(method) ||
            (parameters && !json_is_object(parameters) && !json_is_null(parameters)))
                p->broken = true;
        else
                p->server->handler(
                                &(VarlinkCall) {
                                        .peer = p,
                                        .method = json_string_value(method),
                                        .parameters = json_is_object(parameters) ? parameters : NULL,
                                        .more = json_is_true(json_object_get(object, "more")),
                                        .oneway = json_is_true(json_object_get(object, "oneway")),
                                },
                                p->server->userdata);
        json_decref(object);
}

/* Handles the messages that are complete. */
static void peer_handle_input(VarlinkPeer *p) {
        char *start = p->input, *end = p->input + p->input_size, *nul;

        while (!p->broken && (nul = memchr(start, '\0', (size_t) (end - start)))) {
                peer_handle(p, start, (size_t) (nul - start));
                start = nul + 1;
        }
        p->input_size = (size_t) (end - start);
        memmove(p->input, start, p->input_size);
        if (p->input_size >= HOOK_MESSAGE_MAX)
                p->broken = true;
}

static void peer_receive(VarlinkPeer *p) {
        char *input = realloc(p->input, p->input_size + INPUT_CHUNK);
        ssize_t n;

        if (!input) {
                p->broken = true;
                return;
        }
        p->input = input;
        do
                n = recv(p->fd, p->input + p->input_size, INPUT_CHUNK, MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == EAGAIN)
                return;
        if (n <= 0) {
                p->broken = true;
                return;
        }
        p->input_size += (size_t) n;
        peer_handle_input(p);
}

static int on_peer(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        VarlinkPeer *p = userdata;

        if ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && p->output_size == 0)
                peer_receive(p);
        else if (revents & (EPOLLHUP | EPOLLERR))
                p->broken = true;
        if (!p->broken)
                peer_flush(p);
        if (p->broken)
                peer_free(p);
        return 0;
}

static int on_stuck(sd_event_source *s, uint64_t usec, void *userdata) {
        peer_free(userdata);
        return 0;
}

/* ---- connections ---- */

static bool server_takes(const VarlinkServer *server, uid_t uid) {
        const VarlinkPeer *p;
        size_t n = 0;

        LIST_FOREACH(p, &server->peers, list)
                n += p->uid == uid;
        return server->n_peers < HOOK_PEERS_MAX && n < HOOK_PEERS_USER_MAX;
}

static int peer_new(VarlinkServer *server, int fd, uid_t uid) {
        VarlinkPeer *p;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        LIST_INSERT_HEAD(&server->peers, p, list);
        server->n_peers++;
        p->server = server;
        p->fd = fd;
        p->uid = uid;
        r = sd_event_add_io(server->event, &p->io, fd, EPOLLIN, on_peer, p);
        if (r >= 0)
                r = sd_event_add_time(server->event, &p->stuck, CLOCK_MONOTONIC, 0, 1, on_stuck, p);
        if (r >= 0)
                r = sd_event_source_set_enabled(p->stuck, SD_EVENT_OFF);
        if (r < 0) {
                p->fd = -1;
                peer_free(p);
        }
        return r;
}

static int on_connection(sd_event_source *s, int listen_fd, uint32_t revents, void *userdata) {
        VarlinkServer *server = userdata;
        struct ucred credentials;
        socklen_t n = sizeof(credentials);
        int fd;

        fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
                return 0;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &n) < 0 ||
            !server_takes(server, credentials.uid) || peer_new(server, fd, credentials.uid) < 0)
                close_safe(fd);
        return 0;
}

int varlink_server_new(sd_event *event, int listen_fd, VarlinkHandler handler, void *userdata,
                VarlinkServer **ret) {
        _cleanup_(varlink_server_freep) VarlinkServer *server = NULL;
        int r;

        server = calloc(1, sizeof(*server));
        if (!server)
                return -ENOMEM;
        LIST_INIT(&server->peers);
        server->event = sd_event_ref(event);
        server->listen_fd = -1;
        server->handler = handler;
        server->userdata = userdata;
        r = sd_event_add_io(event, &server->io, listen_fd, EPOLLIN, on_connection, server);
        if (r < 0)
                return r;
        server->listen_fd = listen_fd;
        *ret = TAKE_PTR(server);
        return 0;
}

VarlinkServer *varlink_server_free(VarlinkServer *server) {
        if (!server)
                return NULL;
        for (VarlinkPeer *p; (p = LIST_FIRST(&server->peers));)
                peer_free(p);
        sd_event_source_disable_unref(server->io);
        close_safe(server->listen_fd);
        sd_event_unref(server->event);
        free(server);
        return NULL;
}
