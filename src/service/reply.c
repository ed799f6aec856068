/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Dictionaries in replies.
 */

#include "service/reply.h"

int reply_append_text(sd_bus_message *reply, const char *key, const char *value) {
        return value ? sd_bus_message_append(reply, "{sv}", key, "s", value) : 0;
}

int reply_open_entry(sd_bus_message *reply, const char *key, const char *contents) {
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", key);
        if (r < 0)
                return r;
        return sd_bus_message_open_container(reply, 'v', contents);
}

int reply_close_entry(sd_bus_message *reply) {
        int r;

        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int reply_append_address(sd_bus_message *reply, const Address *address) {
        int r;

        r = reply_open_entry(reply, "address", "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(reply, 'y', address->bytes, address_length(address->family));
        return r < 0 ? r : reply_close_entry(reply);
}
