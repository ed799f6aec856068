/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests as the service has them: asked for when it signals a change, when it starts, and now and then.
 */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "ddns/selection.h"
#include "util/util.h"

typedef struct Watch Watch;

/* The records of all guests, as of now. */
typedef int (*WatchHandler)(json_t *wanted, void *userdata);

int watch_new(sd_event *event, const Selection *selection, WatchHandler handler, void *userdata, Watch **ret);
Watch *watch_free(Watch *w);
DEFINE_CLEANUP(Watch *, watch_free);
