/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A subscription to the service's signals, its start and its end.  Signals of other senders are ignored.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Subscription Subscription;

struct Subscription {
        /* A signal of the service.  Returns 0, or a negative errno that ends the subscription. */
        int (*on_signal)(Subscription *s, sd_bus_message *m);
        /* The service has started, or has ended. */
        void (*on_owner)(Subscription *s, bool there);
        void *userdata;
        char owner[256]; /* the service's unique name; "": it doesn't run */
};

/* Subscribes.  The subscription must outlive the bus.  Returns 0 or a negative errno. */
int subscription_begin(sd_bus *bus, Subscription *s);

/* Handles a message, or waits up to usec (UINT64_MAX: for ever) for one.  Returns 0, or a negative errno: the
 * connection is lost, or on_signal failed. */
int subscription_run(sd_bus *bus, uint64_t usec);
