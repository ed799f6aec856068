/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Varlink server: JSON objects, each ended by a NUL byte, on stream sockets.
 * Nothing in it waits: a peer that sends too much, or doesn't take what it is sent, is
 * dropped.  So is a peer for whose call memory was short: half a reply would be a wrong answer.
 *
 * Users are root and system users, or ordinary ones.  All ordinary users together get a share of the
 * connections and of the subscriptions (see util/limits.h), and root and system users are served first.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/util.h"

typedef struct VarlinkServer VarlinkServer;
typedef struct VarlinkPeer VarlinkPeer;

/* How a call wants to be answered. */
typedef struct VarlinkCall {
        VarlinkPeer *peer;
        const char *method;
        const json_t *parameters; /* an object, valid during the call; NULL: none */
        bool more;          /* with more than one reply, if need be */
        bool oneway;        /* with none */
} VarlinkCall;

/* Handles a call, and replies to it. */
typedef void (*VarlinkHandler)(const VarlinkCall *call, void *userdata);

/* Serves a listening socket, which is taken over.  Returns 0 or a negative errno. */
int varlink_server_new(sd_event *event, int listen_fd, VarlinkHandler handler, void *userdata,
                VarlinkServer **ret);
VarlinkServer *varlink_server_free(VarlinkServer *server);
DEFINE_CLEANUP(VarlinkServer *, varlink_server_free);

/* Reply; parameters (NULL: none) are taken over.  A peer that the reply can't be kept for is dropped
 * at the loop's next turn. */
void varlink_reply(const VarlinkCall *call, json_t *parameters);
void varlink_reply_error(const VarlinkCall *call, const char *error, json_t *parameters);

/* Replies to a call with "more" with a text, a whole message that says "continues", and has its peer
 * get each varlink_server_push() from now on. */
void varlink_subscribe(const VarlinkCall *call, const char *text);

/* Sends such a text to each subscriber; of several that a peer hasn't taken yet, only the last. */
void varlink_server_push(VarlinkServer *server, const char *text);

size_t varlink_server_peers(const VarlinkServer *server);
size_t varlink_server_subscribers(const VarlinkServer *server);
