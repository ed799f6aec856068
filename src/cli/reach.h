/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One try to reach a port of a guest: at all its addresses at once, until one answers or none has.
 */

#include <jansson.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cli/port.h"
#include "util/util.h"

typedef struct Reach Reach;

/* error: 0, and the object whose address answers; or a positive errno of the last one that failed, EPROTO if
 * something else than SSH answers, and its object.  The Reach may be freed in it. */
typedef void (*ReachHandler)(void *userdata, int error, const json_t *object);

/* objects: of an answer, with the keys "address" and "ifindex".  end: on CLOCK_MONOTONIC, when to give up at
 * the latest. Calls the handler once, from the event loop.  Returns 0 or a negative errno. */
int reach_begin(sd_event *event, const json_t *objects, const Port *port, uint64_t end, ReachHandler handler,
                void *userdata, Reach **ret);

Reach *reach_free(Reach *reach);
DEFINE_CLEANUP(Reach *, reach_free);
