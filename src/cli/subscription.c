/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A subscription to the service's signals.
 */

#include "cli/subscription.h"

#include <errno.h>
#include <stdio.h>

#include "cli/service-client.h"
#include "util/bus-message.h"

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Subscription *s = userdata;

        /* anybody can send such a signal */
        return bus_message_is_from(m, s->owner) ? s->on_signal(s, m) : 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *now;
        Subscription *s = userdata;
        int r;

        if (!bus_message_is_from(m, "org.freedesktop.DBus"))
                return 0;
        r = sd_bus_message_read(m, "sss", &name, &before, &now);
        if (r < 0)
                return r;
        (void) snprintf(s->owner, sizeof(s->owner), "%s", now);
        s->on_owner(s, now[0] != '\0');
        return 0;
}

static int get_owner(sd_bus *bus, Subscription *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *owner;
        int r;

        r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "GetNameOwner", NULL, &reply, "s", SERVICE_NAME);
        if (r < 0)
                return r == -ENXIO ? 0 : r; /* the service has just ended */
        r = sd_bus_message_read(reply, "s", &owner);
        if (r >= 0)
                (void) snprintf(s->owner, sizeof(s->owner), "%s", owner);
        return r;
}

/* Adds the matches first, so that no change of the owner is missed. */
int subscription_begin(sd_bus *bus, Subscription *s) {
        int r;

        r = sd_bus_match_signal(bus, NULL, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, NULL, on_signal, s);
        if (r < 0)
                return r;
        r = sd_bus_add_match(bus, NULL,
                        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" SERVICE_NAME "'",
                        on_owner, s);
        r = r < 0 ? r : get_owner(bus, s);
        return MIN2(r, 0);
}

int subscription_run(sd_bus *bus, uint64_t usec) {
        int r;

        r = sd_bus_process(bus, NULL);
        if (r != 0)
                return MIN2(r, 0);
        r = sd_bus_wait(bus, usec);
        return r < 0 && r != -EINTR ? r : 0;
}
