/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A Varlink server.
 *
 * Each peer is served one message at a time, and the next one only after it has received the reply: a peer
 * that sends a lot, or reads slowly, delays only itself.
 */

#include "service/varlink.h"

#include <fcntl.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "service/clock.h"
#include "service/users.h"
#include "source/json-load.h"
#include "source/json-memory.h"
#include "util/limits.h"

#define INPUT_CHUNK 4096U
#define UID_UNKNOWN ((uid_t) -1)

/* Ordinary users' messages have a lower priority than new connections, calls over the bus, and
 * systemd-resolved. */
#define PRIORITY_ORDINARY (SD_EVENT_PRIORITY_NORMAL + 1)

struct VarlinkPeer {
        VarlinkServer *server;
        int fd;
        uid_t uid; /* of the process that connected */
        bool subscribed;
        bool broken; /* to be dropped */
        char *input; /* the received part of a message, never more than one message */
        size_t input_size;
        char *output; /* data to be sent */
        size_t output_size, output_sent;
        char *push; /* the newest push, to be sent after output */
        sd_event_source *io, *stuck;
        TAILQ_ENTRY(VarlinkPeer) list;
};

struct VarlinkServer {
        sd_event *event;
        int listen_fd;
        VarlinkHandler handler;
        void *userdata;
        sd_event_source *io, *rest;
        Arena arena; /* for parsing the current message */
        size_t n_peers;
        TAILQ_HEAD(, VarlinkPeer) peers; /* ordered by their last message, the latest last */
};

static void peer_free(VarlinkPeer *p) {
        TAILQ_REMOVE(&p->server->peers, p, list);
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

        (void) sd_event_source_set_io_events(p->io, waiting ? EPOLLOUT : EPOLLIN);
        (void) sd_event_source_set_enabled(p->stuck, waiting ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* Appends a message to the output. */
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
        (void) sd_event_source_set_time(p->stuck, clock_usec(CLOCK_MONOTONIC) + HOOK_STUCK_USEC);
}

/* Sends as much as the socket accepts. */
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
                free(TAKE_PTR(p->output));
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
        /* Freed in the loop's next iteration: the caller may still use it. */
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
                peer_send_object(call->peer,
                                json_pack("{s:s, s:o}", "error", error, "parameters", parameters));
}

static size_t server_subscribers_of(const VarlinkServer *server, uid_t uid) {
        const VarlinkPeer *p;
        size_t n = 0;

        TAILQ_FOREACH(p, &server->peers, list)
                n += p->subscribed && p->uid == uid;
        return n;
}

/* Makes room for one more subscriber among root and system users, or among ordinary users: drops one of the
 * user with the most, if that user still has as many as this one afterwards. */
static bool server_make_room_for_subscriber(VarlinkServer *server, uid_t uid) {
        bool system = uid_is_system(uid);
        size_t n = 0, most = server_subscribers_of(server, uid) + 1;
        VarlinkPeer *p, *victim = NULL;

        TAILQ_FOREACH(p, &server->peers, list) {
                if (!p->subscribed || uid_is_system(p->uid) != system)
                        continue;
                n++;
                if (server_subscribers_of(server, p->uid) > most) {
                        most = server_subscribers_of(server, p->uid);
                        victim = p;
                }
        }
        if (n < (system ? HOOK_SUBSCRIBERS_MAX : HOOK_ORDINARY_SUBSCRIBERS_MAX))
                return true;
        if (!victim)
                return false;
        peer_free(victim);
        return true;
}

void varlink_subscribe(const VarlinkCall *call, const char *text) {
        VarlinkPeer *p = call->peer;

        if (call->oneway)
                return;
        if (!p->subscribed && !server_make_room_for_subscriber(p->server, p->uid)) {
                p->broken = true;
                return;
        }
        p->subscribed = true;
        peer_append(p, text);
}

void varlink_server_push(VarlinkServer *server, const char *text) {
        VarlinkPeer *p;

        TAILQ_FOREACH(p, &server->peers, list) {
                if (!p->subscribed || p->broken)
                        continue;
                free(p->push);
                p->push = strdup(text);
                if (!p->push)
                        p->broken = true;
                peer_flush(p);
        }
}

size_t varlink_server_peers(const VarlinkServer *server) {
        return server->n_peers;
}

size_t varlink_server_subscribers(const VarlinkServer *server) {
        const VarlinkPeer *p;
        size_t n = 0;

        TAILQ_FOREACH(p, &server->peers, list)
                n += p->subscribed;
        return n;
}

/* ---- receiving ---- */

static void peer_handle(VarlinkPeer *p, const char *message, size_t size) {
        JsonMemory memory = json_memory_begin();
        const json_t *object, *method, *parameters;

        if (json_load_arena(&p->server->arena, message, size, JSON_REJECT_DUPLICATES, &object, NULL) < 0) {
                p->broken = true;
                arena_clear(&p->server->arena);
                return;
        }
        method = json_object_get(object, "method");
        parameters = json_object_get(object, "parameters");
        if (!json_is_string(method) ||
                        (parameters && !json_is_object(parameters) && !json_is_null(parameters)))
                p->broken = true;
        else {
                const VarlinkCall call = {
                        .peer = p,
                        .method = json_string_value(method),
                        .parameters = json_is_object(parameters) ? parameters : NULL,
                        .more = json_is_true(json_object_get(object, "more")),
                        .oneway = json_is_true(json_object_get(object, "oneway")),
                };

                p->server->handler(&call, p->server->userdata);
        }
        if (json_memory_failed(memory))
                p->broken = true;
        arena_clear(&p->server->arena);
}

/* Receives up to the end of a message, and leaves the rest in the socket.  Returns the number of bytes; 0 if
 * there are none now; or a negative errno. */
static ssize_t peer_receive(VarlinkPeer *p) {
        char *input = realloc(p->input, p->input_size + INPUT_CHUNK), *nul;
        ssize_t n;

        if (!input)
                return -ENOMEM;
        p->input = input;
        input += p->input_size;
        n = recv(p->fd, input, INPUT_CHUNK, MSG_DONTWAIT | MSG_PEEK);
        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : -errno;
        if (n == 0)
                return -ECONNRESET;
        nul = memchr(input, '\0', (size_t) n);
        n = recv(p->fd, input, nul ? (size_t) (nul - input) + 1 : (size_t) n, MSG_DONTWAIT);
        return n >= 0 ? n : -errno;
}

/* Receives available data, and handles the message once it is complete. */
static void peer_serve(VarlinkPeer *p) {
        ssize_t n = peer_receive(p);

        if (n == 0)
                return;
        if (n < 0 || p->input_size + (size_t) n > HOOK_MESSAGE_MAX) {
                p->broken = true;
                return;
        }
        TAILQ_REMOVE(&p->server->peers, p, list);
        TAILQ_INSERT_TAIL(&p->server->peers, p, list);
        p->input_size += (size_t) n;
        if (p->input[p->input_size - 1] != '\0')
                return;
        peer_handle(p, p->input, p->input_size - 1);
        free(TAKE_PTR(p->input));
        p->input_size = 0;
}

static int on_peer(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        VarlinkPeer *p = userdata;

        if ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && p->output_size == 0)
                peer_serve(p);
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

/* Makes room for one more connection of a user: drops the connection that was silent longest, of the same
 * ordinary user, or of the same kind of users. */
static void server_make_room(VarlinkServer *server, uid_t uid) {
        VarlinkPeer *p, *of_user = NULL, *of_kind = NULL;
        size_t n_of_user = 0, n_of_kind = 0;

        TAILQ_FOREACH(p, &server->peers, list) {
                n_of_user += p->uid == uid;
                n_of_kind += uid_is_system(p->uid) == uid_is_system(uid);
                if (!of_user && !p->subscribed && p->uid == uid)
                        of_user = p;
                if (!of_kind && !p->subscribed && uid_is_system(p->uid) == uid_is_system(uid))
                        of_kind = p;
        }
        if (of_user && !uid_is_system(uid) && n_of_user >= HOOK_USER_PEERS_MAX)
                peer_free(of_user);
        else if (of_kind && n_of_kind >= (uid_is_system(uid) ? HOOK_PEERS_MAX : HOOK_ORDINARY_PEERS_MAX))
                peer_free(of_kind);
}

static uid_t socket_uid(int fd) {
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0 ? UID_UNKNOWN :
                                                                                  credentials.uid;
}

static int peer_new(VarlinkServer *server, int fd, uid_t uid) {
        VarlinkPeer *p;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        TAILQ_INSERT_TAIL(&server->peers, p, list);
        server->n_peers++;
        p->server = server;
        p->fd = fd;
        p->uid = uid;
        r = sd_event_add_io(server->event, &p->io, fd, EPOLLIN, on_peer, p);
        if (r >= 0 && !uid_is_system(uid))
                r = sd_event_source_set_priority(p->io, PRIORITY_ORDINARY);
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

static int on_rested(sd_event_source *s, uint64_t usec, void *userdata) {
        VarlinkServer *server = userdata;

        (void) sd_event_source_set_enabled(server->io, SD_EVENT_ON);
        return 0;
}

/* Out of descriptors or memory: the connection stays in the queue, and would wake us up again at once. */
static void server_rest(VarlinkServer *server) {
        (void) sd_event_source_set_time(server->rest, clock_usec(CLOCK_MONOTONIC) + HOOK_REST_USEC);
        if (sd_event_source_set_enabled(server->rest, SD_EVENT_ONESHOT) >= 0)
                (void) sd_event_source_set_enabled(server->io, SD_EVENT_OFF);
}

static int on_connection(sd_event_source *s, int listen_fd, uint32_t revents, void *userdata) {
        VarlinkServer *server = userdata;
        uid_t uid;
        int fd;

        fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
                if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                        server_rest(server);
                return 0;
        }
        uid = socket_uid(fd);
        server_make_room(server, uid);
        if (peer_new(server, fd, uid) < 0)
                close_safe(fd);
        return 0;
}

int varlink_server_new(sd_event *event, int listen_fd, VarlinkHandler handler, void *userdata,
                VarlinkServer **ret) {
        _cleanup_(varlink_server_freep) VarlinkServer *server = NULL;
        int flags, r;

        /* The socket from systemd is blocking. */
        flags = fcntl(listen_fd, F_GETFL);
        if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return -errno;

        server = calloc(1, sizeof(*server));
        if (!server)
                return -ENOMEM;
        TAILQ_INIT(&server->peers);
        server->event = sd_event_ref(event);
        server->listen_fd = -1;
        server->handler = handler;
        server->userdata = userdata;
        r = sd_event_add_io(event, &server->io, listen_fd, EPOLLIN, on_connection, server);
        if (r < 0)
                return r;
        r = sd_event_add_time(event, &server->rest, CLOCK_MONOTONIC, 0, 1, on_rested, server);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(server->rest, SD_EVENT_OFF);
        if (r < 0)
                return r;
        server->listen_fd = listen_fd;
        *ret = TAKE_PTR(server);
        return 0;
}

VarlinkServer *varlink_server_free(VarlinkServer *server) {
        if (!server)
                return NULL;
        for (VarlinkPeer *p; (p = TAILQ_FIRST(&server->peers));)
                peer_free(p);
        sd_event_source_disable_unref(server->io);
        sd_event_source_disable_unref(server->rest);
        close_safe(server->listen_fd);
        sd_event_unref(server->event);
        arena_done(&server->arena);
        free(server);
        return NULL;
}
