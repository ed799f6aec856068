/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One message to the server and its answer, asynchronously, over a separate TCP connection.
 */

#include <ldns/ldns.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "ddns/answer.h"
#include "ddns/key.h"
#include "util/util.h"

typedef struct Exchange Exchange;

/* reason: for the last two results, for people.  The exchange still exists, but isn't used any more. */
typedef void (*ExchangeHandler)(Answer answer, const char *reason, void *userdata);

/* Sends a signed message.  Always takes ownership of the message.  Returns 0 or a negative errno. */
int exchange_start(sd_event *event, const struct sockaddr *address, socklen_t size, const Key *key,
                ldns_pkt *pkt, ExchangeHandler handler, void *userdata, Exchange **ret);

/* Cancels the exchange without calling the handler. */
Exchange *exchange_free(Exchange *x);
DEFINE_CLEANUP(Exchange *, exchange_free);

/* The size of both messages so far, in bytes. */
size_t exchange_bytes(const Exchange *x);
