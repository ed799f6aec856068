/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One call to the service, its connection and its repetitions included, with one
 * deadline over all.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Appends the call's arguments. */
typedef int (*CallFill)(sd_bus_message *message, const void *question);

/* Returns 0 and the reply, which may be an error; or a negative errno:
 * -ETIMEDOUT, or what connecting met with.  live: whether a live index stands. */
int call_service(const char *method, CallFill fill, const void *question, bool live, sd_bus_message **ret);
