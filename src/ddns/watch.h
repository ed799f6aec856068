/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guests that the service knows: queried after its signals of changes, when it starts, and periodically.
 */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "ddns/selection.h"
#include "util/util.h"

typedef struct Watch Watch;

/* Gets the current records of all guests. */
typedef int (*WatchHandler)(json_t *wanted, void *userdata);

int watch_new(sd_event *event, const Selection *selection, WatchHandler handler, void *userdata, Watch **ret);
Watch *watch_free(Watch *w);
DEFINE_CLEANUP(Watch *, watch_free);
