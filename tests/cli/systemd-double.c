/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A stand-in for systemd on a private bus: knows units in the states that its arguments name;
 * all others aren't there.  Units can be enabled, disabled, started and stopped, unless FAIL is set in the
 * environment: "access" refuses that, "start" lets a unit that starts fail.
 *
 *   systemd-double VERSION [UNIT LOAD-STATE ACTIVE-STATE UNIT-FILE-STATE N-RESTARTS RESULT]...
 *
 * Says "ready" on standard output when it can be called.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "util/util.h"

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define UNIT_PATH MANAGER_PATH "/unit/double%zu"
#define UNIT_ARGUMENTS 6

static const char *const nowhere[UNIT_ARGUMENTS] = { "", "not-found", "inactive", "", "0", "success" };

/* The object of the unit whose arguments begin there; of the one that isn't there behind them all. */
static const char *unit_path(size_t n, char buffer[static 64]) {
        (void) snprintf(buffer, 64, UNIT_PATH, n);
        return buffer;
}

/* userdata: the arguments from the first unit's on, up to NULL. */
static int method_load_unit(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        char **arguments = userdata, path[64];
        const char *name;
        size_t n = 0;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        if (r < 0)
                return r;
        while (arguments[n] && strcmp(arguments[n], name) != 0)
                n += UNIT_ARGUMENTS;
        return sd_bus_reply_method_return(call, "o", unit_path(n, path));
}

static bool fails(const char *how) {
        return strcmp(getenv("FAIL") ?: "", how) == 0;
}

/* Sets one of the states of the unit that the message names next. */
static int set_state(sd_bus_message *call, char **arguments, size_t which, const char *state,
                sd_bus_error *error) {
        const char *name;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        if (r < 0)
                return r;
        if (fails("access"))
                return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "Access denied");
        for (size_t n = 0; arguments[n]; n += UNIT_ARGUMENTS)
                if (strcmp(arguments[n], name) == 0)
                        arguments[n + which] = (char *) state;
        return 0;
}

static int method_enable(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        bool enable = strcmp(sd_bus_message_get_member(call), "EnableUnitFiles") == 0;
        int r;

        r = sd_bus_message_enter_container(call, 'a', "s");
        if (r >= 0)
                r = set_state(call, userdata, 3, enable ? "enabled" : "disabled", error);
        return r < 0 ? r : sd_bus_reply_method_return(call, NULL);
}

static int method_start(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        bool start = strcmp(sd_bus_message_get_member(call), "StartUnit") == 0;
        int r;

        r = set_state(call, userdata, 2, !start ? "inactive" : fails("start") ? "failed" : "active", error);
        return r < 0 ? r : sd_bus_reply_method_return(call, "o", MANAGER_PATH "/job/1");
}

static int method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(call, NULL);
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

static int property_get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", ((char **) userdata)[-1]);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("LoadUnit", "s", "o", method_load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("EnableUnitFiles", "asbb", NULL, method_enable, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("DisableUnitFiles", "asb", NULL, method_enable, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Reload", NULL, NULL, method_reload, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StartUnit", "ss", "o", method_start, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StopUnit", "ss", "o", method_start, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, 0),
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

static const sd_bus_vtable socket_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Result", "s", property_get_text, 5 * sizeof(char *), 0),
        SD_BUS_VTABLE_END,
};

static int add_unit(sd_bus *bus, size_t n, char **arguments) {
        static const struct {
                const char *interface;
                const sd_bus_vtable *vtable;
        } interfaces[] = {
                { "org.freedesktop.systemd1.Unit", unit_vtable },
                { "org.freedesktop.systemd1.Service", service_vtable },
                { "org.freedesktop.systemd1.Socket", socket_vtable },
        };
        char path[64];
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(interfaces) && r >= 0; i++)
                r = sd_bus_add_object_vtable(bus, NULL, unit_path(n, path), interfaces[i].interface,
                                interfaces[i].vtable,
                                arguments);
        return r;
}

static int serve(char **units) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        size_t n;
        int r;

        if ((r = sd_bus_open_system(&bus)) < 0 ||
            (r = sd_bus_add_object_vtable(bus, NULL, MANAGER_PATH, "org.freedesktop.systemd1.Manager",
            manager_vtable,
                             units)) < 0)
                return r;
        for (n = 0; units[n]; n += UNIT_ARGUMENTS)
                if ((r = add_unit(bus, n, units + n)) < 0)
                        return r;
        r = add_unit(bus, n, (char **) nowhere);
        if (r < 0)
                return r;
        r = sd_bus_request_name(bus, "org.freedesktop.systemd1", 0);
        if (r < 0)
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

        if (argc % UNIT_ARGUMENTS != 2)
                return 2;
        r = serve(argv + 2);
        fprintf(stderr, "systemd-double: %s\n", strerror(-r));
        return 1;
}
