/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who sent a message.  sd-bus calls a match on a well-known name for a signal from any sender that sends it
 * to us alone; only the sender, which the bus itself writes, tells them apart.
 */

#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

/* Whether the message comes from that unique name, or from the bus itself ("org.freedesktop.DBus"). */
static inline bool bus_message_is_from(sd_bus_message *m, const char *name) {
        const char *sender = sd_bus_message_get_sender(m);

        return sender && strcmp(sender, name) == 0;
}
