/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * systemd's properties and units, over the bus.
 */

#include "cli/systemd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/service-client.h"
#include "cli/json.h"

#define SYSTEMD_NAME "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"

/* Shorter than usual: systemd is often asked after another call timed out. */
#define FIRST_CALL_TIMEOUT_USEC UINT64_C(2000000)

/* For a call that changes something: systemd may reload all units. */
#define START_TIMEOUT_USEC UINT64_C(30000000)

int systemd_get_version(sd_bus *bus, unsigned *ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *manager = NULL;
        const char *text;
        unsigned version;
        int r;

        r = client_get_properties(bus, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_NAME ".Manager", &error, &manager);
        if (r < 0)
                return r;
        text = json_text(manager, "Version");
        /* "257.7-1", "v259~rc2" */
        if (!text || sscanf(text + (*text == 'v'), "%u", &version) != 1)
                return -EBADMSG;
        *ret = version;
        return 0;
}

static int load_unit(sd_bus *bus, const char *unit, sd_bus_error *error, json_t **ret_path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        const char *path;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_NAME ".Manager",
                        "LoadUnit");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", unit);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        r = client_send(bus, m, FIRST_CALL_TIMEOUT_USEC, error, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "o", &path);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        *ret_path = json_string(path);
        return *ret_path ? 0 : -ENOMEM;
}

int systemd_get_unit(sd_bus *bus, const char *unit, const char *type, json_t **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *path = NULL, *common = NULL, *own = NULL;
        char interface[64];
        int r;

        (void) snprintf(interface, sizeof(interface), SYSTEMD_NAME ".%s", type);
        r = load_unit(bus, unit, &error, &path);
        if (r >= 0)
                r = client_get_properties(bus, SYSTEMD_NAME, json_string_value(path), SYSTEMD_NAME ".Unit",
                                &error, &common);
        if (r >= 0)
                r = client_get_properties(bus, SYSTEMD_NAME, json_string_value(path), interface, &error,
                                &own);
        if (r < 0)
                return r;
        if (json_object_update_missing(common, own) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(common);
        return 0;
}

bool systemd_unit_is_enabled(const json_t *unit) {
        const char *file = json_text(unit, "UnitFileState") ?: "";

        return strcmp(file, "enabled") == 0 || strcmp(file, "enabled-runtime") == 0;
}

/* Calls a method of the manager whose reply isn't needed. */
static int manager_call(sd_bus *bus, sd_bus_error *error, const char *member, const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_NAME ".Manager",
                        member);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0) {
                va_start(ap, types);
                r = sd_bus_message_appendv(m, types, ap);
                va_end(ap);
        }
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        return client_send(bus, m, START_TIMEOUT_USEC, error, &reply);
}

int systemd_enable_unit(sd_bus *bus, const char *unit, sd_bus_error *error) {
        int r;

        r = manager_call(bus, error, "EnableUnitFiles", "asbb", 1, unit, false, false);
        return r < 0 ? r : manager_call(bus, error, "Reload", "");
}

int systemd_disable_unit(sd_bus *bus, const char *unit, sd_bus_error *error) {
        int r;

        r = manager_call(bus, error, "DisableUnitFiles", "asb", 1, unit, false);
        return r < 0 ? r : manager_call(bus, error, "Reload", "");
}

int systemd_start_unit(sd_bus *bus, const char *unit, sd_bus_error *error) {
        return manager_call(bus, error, "StartUnit", "ss", unit, "replace");
}

int systemd_stop_unit(sd_bus *bus, const char *unit, sd_bus_error *error) {
        return manager_call(bus, error, "StopUnit", "ss", unit, "replace");
}
