/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's unit, as systemd knows it: why the service doesn't run, and how to fix that.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/util.h"

#define SERVICE_UNIT "libvirt-resolved.service"

typedef enum UnitVerdict {
        UNIT_RUNS = 0, /* now, and after the next boot */
        UNIT_DOUBTFUL, /* it runs, but something is wrong; or it is only stopped */
        UNIT_BROKEN,   /* it can't run */
} UnitVerdict;

typedef struct ServiceUnit {
        UnitVerdict verdict;
        char text[512];     /* a clause for people, escaped */
        const char *advice; /* or NULL */
} ServiceUnit;

/* Asks systemd.  Returns 0, or a negative errno: there is no systemd, or it doesn't answer. */
int service_unit_ask(sd_bus *bus, ServiceUnit *ret);

/* Whether the service has recorded that it couldn't start, and nobody has started it since: a call would only
 * wait until it fails again. */
bool service_unit_has_failed(sd_bus *bus);
