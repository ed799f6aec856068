/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve log-level: shows or sets how much the service logs.
 */

#include <stdio.h>

#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/verbs.h"

#define LOG_CONTROL_PATH "/org/freedesktop/LogControl1"
#define LOG_CONTROL_INTERFACE "org.freedesktop.LogControl1"

static int set_level(sd_bus *bus, const char *level, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, SERVICE_NAME, LOG_CONTROL_PATH,
                        "org.freedesktop.DBus.Properties", "Set");
        if (r >= 0)
                r = sd_bus_message_append(m, "ssv", LOG_CONTROL_INTERFACE, "LogLevel", "s", level);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        return client_send(bus, m, CALL_TIMEOUT_USEC, error, &reply);
}

static int show_level(sd_bus *bus, sd_bus_error *error) {
        _cleanup_(json_decrefp) json_t *properties = NULL;
        int r;

        r = client_get_properties(bus, SERVICE_NAME, LOG_CONTROL_PATH, LOG_CONTROL_INTERFACE, error,
                        &properties);
        if (r >= 0)
                printf("%s\n", json_text(properties, "LogLevel"));
        return r;
}

int verb_log_level(const Options *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open(&bus);
        if (r < 0)
                return EXIT_FAILED;
        r = o->n_arguments > 0 ? set_level(bus, o->arguments[0], &error) : show_level(bus, &error);
        if (r >= 0)
                return EXIT_SUCCESS;
        if (sd_bus_error_has_name(&error, SD_BUS_ERROR_INVALID_ARGS)) {
                fprintf(stderr,
                                "libvirt-resolve: '%s' is no log level: emerg, alert, crit, err, warning, "
                                "notice, info or debug.\n",
                                o->arguments[0]);
                return EXIT_USAGE;
        }
        client_report_change_error(&error);
        return EXIT_FAILED;
}
