/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A stand-in for systemd on a private bus: knows every unit, in the state that its arguments
 * name.
 *
 *   systemd-double LOAD-STATE ACTIVE-STATE UNIT-FILE-STATE N-RESTARTS
 *
 * Says "ready" on standard output when it can be called.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "util/util.h"

#define UNIT_PATH "/org/freedesktop/systemd1/unit/double"

static int method_load_unit(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(call, "o", UNIT_PATH);
}

/* userdata: the argument's place, which the vtable has as an offset. */
static int property_get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", *(char **) userdata);
}

static int property_get_number(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "u", (uint32_t) atoi(*(char **) userdata));
}

/* Among the real one's properties are bytes that are no address. */
static int property_get_bytes(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append_array(reply, 'y', "", 0);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("LoadUnit", "s", "o", method_load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable unit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("LoadState", "s", property_get_text, 1 * sizeof(char *), 0),
        SD_BUS_PROPERTY("ActiveState", "s", property_get_text, 2 * sizeof(char *), 0),
        SD_BUS_PROPERTY("UnitFileState", "s", property_get_text, 3 * sizeof(char *), 0),
        SD_BUS_PROPERTY("InvocationID", "ay", property_get_bytes, 0, 0),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable service_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("NRestarts", "u", property_get_number, 4 * sizeof(char *), 0),
        SD_BUS_VTABLE_END,
};

static int serve(char **argv) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        if ((r = sd_bus_open_system(&bus)) < 0 ||
            (r = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1",
                             "org.freedesktop.systemd1.Manager", manager_vtable, NULL)) < 0 ||
            (r = sd_bus_add_object_vtable(bus, NULL, UNIT_PATH, "org.freedesktop.systemd1.Unit", unit_vtable,
                             argv)) < 0 ||
            (r = sd_bus_add_object_vtable(bus, NULL, UNIT_PATH, "org.freedesktop.systemd1.Service",
                             service_vtable, argv)) < 0 ||
            (r = sd_bus_request_name(bus, "org.freedesktop.systemd1", 0)) < 0)
                return r;
        puts("ready");
        fflush(stdout);
        for (;;) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
                if (r < 0)
                        return r;
        }
}

int main(int argc, char **argv) {
        int r;

        if (argc != 5)
                return 2;
        r = serve(argv);
        fprintf(stderr, "systemd-double: %s\n", strerror(-r));
        return 1;
}
