/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The calls of WaitForHostname() that wait until their names have addresses.  A caller that leaves the bus
 * cancels its waits.  The limits are WAITS_… in util/limits.h.
 */

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "service/lookup.h"
#include "util/util.h"

typedef struct Waits Waits;

/* Replies to the call if the question can be answered: 1; else 0; or a negative errno. */
typedef int (*WaitAnswer)(Manager *m, sd_bus_message *call, const Question *question);

int waits_new(Manager *m, WaitAnswer answer, Waits **ret);
Waits *waits_free(Waits *waits);
DEFINE_CLEANUP(Waits *, waits_free);

/* Keeps a call until its question can be answered, or timeout_usec (UINT64_MAX: for ever) is over.  Returns
 * 0, or a negative errno with *error set. */
int waits_add(Waits *waits, sd_bus_message *call, const Question *question, uint64_t timeout_usec,
                sd_bus_error *error);

/* Answers the calls that can be answered now. */
void waits_check(Waits *waits);

/* Drops all calls: the bus is gone. */
void waits_clear(Waits *waits);

size_t waits_count(const Waits *waits);
