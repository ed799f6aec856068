/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's check of the helpers for guests without a lease: installed, enabled, and running?
 */

#include <string.h>

#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/systemd.h"

typedef struct Helper {
        const char *unit, *name;
        const char *gives; /* what is missing without it */
        const char *fact;  /* in the service's property Facts */
} Helper;

static const Helper helpers[] = {
        { "libvirt-resolve-seen.service", "libvirt-resolve-seen",
                        "guests with a static address, or on a bridge of the host's own, have no name",
                        "bridges" },
        { "libvirt-resolve-domains.service", "libvirt-resolve-domains",
                        "guests on a bridge of the host's own have no name, and a network's own DNS domain "
                        "isn't used",
                        "network-cards" },
};

static bool is_state(const json_t *unit, const char *key, const char *state) {
        return strcmp(json_text(unit, key) ?: "", state) == 0;
}

static bool is_installed(const json_t *unit) {
        return json_text(unit, "LoadState") && !is_state(unit, "LoadState", "not-found");
}

/* Reports what is wrong with an installed helper. */
static void check_helper(Doctor *d, const Helper *helper, const json_t *unit) {
        bool runs = is_state(unit, "ActiveState", "active");
        const json_t *facts = json_object_get(d->properties, "Facts");

        if (!runs && systemd_unit_is_enabled(unit))
                doctor_add(d, VERDICT_WARNING,
                                "See why: journalctl -b -u libvirt-resolve-domains -u libvirt-resolve-seen",
                                "%s is enabled, but doesn't run: %s", helper->name, helper->gives);
        else if (!runs)
                doctor_add(d, VERDICT_SKIPPED, "To enable it: libvirt-resolve bridged enable",
                                "%s isn't enabled: %s", helper->name, helper->gives);
        else if (facts && !json_object_get(facts, helper->fact))
                doctor_add(d, VERDICT_WARNING,
                                "It writes no facts; see why: journalctl -b -u libvirt-resolve-domains",
                                "%s runs, but the service reads none of its facts", helper->name);
        else
                doctor_add(d, VERDICT_OK, NULL, "%s runs", helper->name);
}

void check_helpers(Doctor *d) {
        unsigned n_installed = 0;

        if (!d->bus) {
                doctor_add(d, VERDICT_SKIPPED, NULL, "Without the bus nothing is known about the helpers");
                return;
        }
        for (size_t i = 0; i < ELEMENTS(helpers); i++) {
                _cleanup_(json_decrefp) json_t *unit = NULL;

                if (systemd_get_unit(d->bus, helpers[i].unit, "Service", &unit) < 0) {
                        doctor_add(d, VERDICT_SKIPPED, NULL, "systemd can't be asked about the helpers");
                        return;
                }
                if (!is_installed(unit))
                        continue;
                n_installed++;
                check_helper(d, helpers + i, unit);
        }
        if (n_installed == 0)
                doctor_add(d, VERDICT_OK, NULL,
                                "No helper for guests without a lease is installed "
                                "(libvirt-resolve-bridged)");
}
