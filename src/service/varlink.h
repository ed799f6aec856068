/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Varlink server: JSON objects, each terminated by a NUL byte, on stream sockets.  It never waits: it drops
 * a peer that sends too much or doesn't read, and a peer for whose reply there was no memory, as half a reply
 * would be a wrong answer.
 *
 * There are two kinds of users: root and system users, and ordinary users.  All ordinary users together get a
 * share of the connections and of the subscriptions (see util/limits.h), and root and system users are served
 * first.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/util.h"

typedef struct VarlinkServer VarlinkServer;
typedef struct VarlinkPeer VarlinkPeer;

/* The call, and how to reply to it. */
typedef struct VarlinkCall {
        VarlinkPeer *peer;
        const char *method;
        const json_t *parameters; /* an object, valid during the call; NULL: none */
        bool more;                /* more than one reply is allowed */
        bool oneway;              /* no reply is wanted */
} VarlinkCall;

/* Handles a call, and replies to it. */
typedef void (*VarlinkHandler)(const VarlinkCall *call, void *userdata);

/* Serves a listening socket, and takes ownership of it.  Returns 0 or a negative errno. */
int varlink_server_new(sd_event *event, int listen_fd, VarlinkHandler handler, void *userdata,
                VarlinkServer **ret);
VarlinkServer *varlink_server_free(VarlinkServer *server);
DEFINE_CLEANUP(VarlinkServer *, varlink_server_free);

/* Reply, and take ownership of parameters (NULL: none).  If there is no memory for the reply, the peer is
 * dropped in the loop's next iteration. */
void varlink_reply(const VarlinkCall *call, json_t *parameters);
void varlink_reply_error(const VarlinkCall *call, const char *error, json_t *parameters);

/* Replies to a call with "more" with text, a complete message with "continues", and subscribes its peer to
 * varlink_server_push(). */
void varlink_subscribe(const VarlinkCall *call, const char *text);

/* Sends such a text to each subscriber; a peer that hasn't read earlier ones yet only gets the last. */
void varlink_server_push(VarlinkServer *server, const char *text);

size_t varlink_server_peers(const VarlinkServer *server);
size_t varlink_server_subscribers(const VarlinkServer *server);
