/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One attempt to reach a port of a guest: at all its addresses at once, until one answers or all have failed.
 */

#include <jansson.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cli/port.h"
#include "util/util.h"

typedef struct Reach Reach;

/* error: 0, and the object whose address answers; or a positive errno of the last failure, EPROTO if
 * something other than SSH answers, and its object.  The handler may free the Reach. */
typedef void (*ReachHandler)(void *userdata, int error, const json_t *object);

/* objects: an answer's, with the keys "address" and "ifindex".  end: the deadline, on CLOCK_MONOTONIC.  Calls
 * the handler once, from the event loop.  Returns 0 or a negative errno. */
int reach_begin(sd_event *event, const json_t *objects, const Port *port, uint64_t end, ReachHandler handler,
                void *userdata, Reach **ret);

Reach *reach_free(Reach *reach);
DEFINE_CLEANUP(Reach *, reach_free);
