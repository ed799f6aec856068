/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One call to the service, including the connection and retries, with one deadline for all of them.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Appends the call's arguments. */
typedef int (*CallFill)(sd_bus_message *message, const void *question);

/* Returns 0 and the reply, which may be an error; or a negative errno: -ETIMEDOUT, or that of connecting.
 * service_expected: an index of a service exists. */
int call_service(const char *method, CallFill fill, const void *question, bool service_expected,
                sd_bus_message **ret);
