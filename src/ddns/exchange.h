/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One message to the server and its answer, over a TCP connection of its own, without waiting.
 */

#include <ldns/ldns.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "ddns/key.h"
#include "util/util.h"

typedef struct Exchange Exchange;

/* What the server made of an update. */
typedef enum Answer {
        ANSWER_DONE = 0,
        ANSWER_UNMET,   /* a prerequisite isn't met */
        ANSWER_REFUSED, /* anything else that the server said, or no valid answer */
        ANSWER_LOST,    /* no answer: it may have been done */
} Answer;

/* reason: of the last two, why; for people.  The exchange still exists, and isn't used any more. */
typedef void (*ExchangeHandler)(Answer answer, const char *reason, void *userdata);

/* Sends a signed message.  Takes the message, also on failure.  Returns 0 or a negative errno. */
int exchange_start(sd_event *event, const struct sockaddr *address, socklen_t size, const Key *key,
                ldns_pkt *pkt, ExchangeHandler handler, void *userdata, Exchange **ret);

/* Ends it, without a call of the handler. */
Exchange *exchange_free(Exchange *x);
DEFINE_CLEANUP(Exchange *, exchange_free);

/* Bytes of both messages so far. */
size_t exchange_bytes(const Exchange *x);
