/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks on the service: is it installed, does it run, does it answer?
 */

#include <stdbool.h>
#include <string.h>

#include "cli/service-client.h"
#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/systemd.h"

#define UNIT "libvirt-resolved.service"

/* ---- the unit ---- */

static void judge_unit(Doctor *d, const json_t *unit) {
        const char *load = json_text(unit, "LoadState") ?: "", *active = json_text(unit, "ActiveState") ?: "",
                   *file = json_text(unit, "UnitFileState") ?: "";
        int n_restarts = (int) json_number(unit, "NRestarts");
        bool enabled = systemd_unit_is_enabled(unit);

        if (strcmp(load, "not-found") == 0)
                doctor_say(d, VERDICT_FAILURE, "Install libvirt-resolve.", UNIT " isn't installed");
        else if (strcmp(load, "masked") == 0)
                doctor_say(d, VERDICT_FAILURE, "systemctl unmask libvirt-resolved\nsystemctl enable --now libvirt-resolved",
                                UNIT " is masked");
        else if (strcmp(load, "loaded") != 0)
                doctor_say(d, VERDICT_FAILURE, "systemctl status libvirt-resolved", UNIT " can't be loaded: %s", load);
        else if (strcmp(active, "failed") == 0 || strcmp(active, "activating") == 0)
                doctor_say(d, VERDICT_FAILURE, "See why: journalctl -b -u libvirt-resolved",
                                strcmp(active, "failed") == 0 ? UNIT " failed" : UNIT " doesn't get ready");
        else if (strcmp(active, "active") != 0 && strcmp(active, "reloading") != 0)
                doctor_say(d, enabled ? VERDICT_WARNING : VERDICT_FAILURE,
                                "systemctl enable --now libvirt-resolved", UNIT " is stopped (%s)", active);
        else if (!enabled)
                doctor_say(d, VERDICT_WARNING, "systemctl enable libvirt-resolved",
                                UNIT " runs, but won't after the next boot (%s)", file);
        else if (n_restarts > 0)
                doctor_say(d, VERDICT_WARNING, "See why: journalctl -b -u libvirt-resolved",
                                UNIT " has crashed and was restarted %i times", n_restarts);
        else
                doctor_say(d, VERDICT_OK, NULL, UNIT " runs, and is enabled");
}

void check_unit(Doctor *d) {
        _cleanup_(json_decrefp) json_t *unit = NULL;
        int r;

        r = sd_bus_open_system(&d->bus);
        if (r < 0) {
                d->bus = NULL;
                doctor_say(d, VERDICT_FAILURE, BUS_ADVICE, "The system bus can't be reached: %s", strerror(-r));
                return;
        }
        if (systemd_get_unit(d->bus, UNIT, "Service", &unit) < 0)
                doctor_say(d, VERDICT_SKIPPED, NULL, "systemd can't be asked about " UNIT);
        else
                judge_unit(d, unit);
}

/* ---- its answers ---- */

static const char advice_policy[] =
                "The bus's policy for the service, org.libvirt.Resolve1.conf, is missing or wasn't read.\n"
                "Install it into /usr/share/dbus-1/system.d, then: systemctl reload dbus";

void check_service(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *version;
        char reason[1024];
        int r;

        if (!d->bus) {
                doctor_say(d, VERDICT_SKIPPED, NULL, "Without the bus the service can't be asked");
                return;
        }
        r = client_get_properties(d->bus, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, &error, &d->properties);
        if (r < 0) {
                doctor_say(d, VERDICT_FAILURE,
                                sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED) ?
                                                advice_policy :
                                                client_advice(&error),
                                "The service can't be asked: %s", client_reason(&error, reason, sizeof(reason)));
                return;
        }
        version = json_text(d->properties, "Version") ?: "?";
        if (strcmp(version, PROJECT_VERSION) != 0)
                doctor_say(d, VERDICT_WARNING, "systemctl restart libvirt-resolved",
                                "The service is version %s, this program " PROJECT_VERSION, version);
        else
                doctor_say(d, VERDICT_OK, NULL, "The service answers, and is version %s", version);
}
