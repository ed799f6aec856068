/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks on the service: is it installed, does it run, does it answer?
 */

#include <string.h>

#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/service-client.h"
#include "cli/service-unit.h"

/* ---- the unit ---- */

void check_unit(Doctor *d) {
        static const Verdict verdicts[] = {
                [UNIT_RUNS] = VERDICT_OK,
                [UNIT_DOUBTFUL] = VERDICT_WARNING,
                [UNIT_BROKEN] = VERDICT_FAILURE,
        };
        ServiceUnit unit;
        int r;

        r = sd_bus_open_system(&d->bus);
        if (r < 0) {
                d->bus = NULL;
                doctor_add(d, VERDICT_FAILURE, BUS_ADVICE, "The system bus can't be reached: %s",
                                strerror(-r));
                return;
        }
        if (service_unit_ask(d->bus, &unit) < 0)
                doctor_add(d, VERDICT_SKIPPED, NULL, "systemd can't be asked about " SERVICE_UNIT);
        else
                doctor_add(d, verdicts[unit.verdict], unit.advice, "%s", unit.text);
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
                doctor_add(d, VERDICT_SKIPPED, NULL, "Without the bus the service can't be asked");
                return;
        }
        if (service_unit_has_failed(d->bus)) {
                doctor_add(d, VERDICT_FAILURE, "See why: journalctl -b -u libvirt-resolved",
                                "The service can't be asked: it couldn't start");
                return;
        }
        r = client_get_properties(d->bus, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, &error,
                        &d->properties);
        if (r < 0) {
                doctor_add(d, VERDICT_FAILURE,
                                sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED) ?
                                                advice_policy :
                                                client_advice(&error),
                                "The service can't be asked: %s",
                                client_reason(&error, reason, sizeof(reason)));
                return;
        }
        version = json_text(d->properties, "Version") ?: "?";
        if (strcmp(version, PROJECT_VERSION) != 0)
                doctor_add(d, VERDICT_WARNING, "Fix it with: systemctl restart libvirt-resolved",
                                "The service is version %s, this program " PROJECT_VERSION, version);
        else
                doctor_add(d, VERDICT_OK, NULL, "The service answers, and is version %s", version);
}
