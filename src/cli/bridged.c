/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve bridged: enables and disables the helpers for guests without a libvirt lease.
 */

#include <stdio.h>
#include <string.h>

#include "cli/bridges.h"
#include "cli/json.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "cli/systemd.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "util/clock.h"
#include "util/text.h"

#define PACKAGE "libvirt-resolve-bridged"

/* How long a helper may take to become ready. */
#define READY_USEC UINT64_C(10000000)
#define READY_POLL_USEC UINT64_C(50000)

static const char *const units[] = { "libvirt-resolve-domains.service", "libvirt-resolve-seen.service" };
#define UNIT_NAMES "libvirt-resolve-domains libvirt-resolve-seen"

static int report_failure(const char *what, const char *unit, const sd_bus_error *error) {
        char reason[1024];

        fprintf(stderr, "libvirt-resolve: %s can't be %s: %s.\n", unit, what,
                        client_reason(error, reason, sizeof(reason)));
        return -EIO;
}

static void advise(const char *text) {
        fprintf(stderr, "%s%s%s\n", style(stderr, STYLE_GREY), text, style(stderr, STYLE_PLAIN));
}

/* ---- the units' states ---- */

static bool is_installed(const json_t *unit) {
        return strcmp(json_text(unit, "LoadState") ?: "not-found", "not-found") != 0;
}

static bool is_running(const json_t *unit) {
        return strcmp(json_text(unit, "ActiveState") ?: "", "active") == 0;
}

static int get_unit(sd_bus *bus, const char *unit, json_t **ret) {
        int r = systemd_get_unit(bus, unit, "Service", ret);

        if (r < 0)
                fprintf(stderr, "libvirt-resolve: systemd can't be asked about %s: %s.\n", unit,
                                strerror(-r));
        return r;
}

/* Returns 1 if the unit is installed, 0 after reporting that it isn't, or a negative errno. */
static int check_installed(sd_bus *bus, const char *unit) {
        _cleanup_(json_decrefp) json_t *state = NULL;
        int r;

        r = get_unit(bus, unit, &state);
        if (r < 0 || is_installed(state))
                return r < 0 ? r : 1;
        fprintf(stderr, "libvirt-resolve: %s isn't installed.\n", unit);
        return 0;
}

/* ---- enable, disable ---- */

/* Waits until the unit runs.  Returns 0, or a negative errno after reporting that it doesn't. */
static int wait_running(sd_bus *bus, const char *unit) {
        uint64_t deadline = clock_usec(CLOCK_MONOTONIC) + READY_USEC;

        for (;;) {
                _cleanup_(json_decrefp) json_t *state = NULL;
                uint64_t now = clock_usec(CLOCK_MONOTONIC);
                int r;

                r = get_unit(bus, unit, &state);
                if (r < 0 || is_running(state))
                        return r;
                if (now >= deadline || strcmp(json_text(state, "ActiveState") ?: "", "failed") == 0) {
                        fprintf(stderr, "libvirt-resolve: %s doesn't run.\n", unit);
                        fprintf(stderr, "%sSee why: journalctl -b -u %s%s\n", style(stderr, STYLE_GREY), unit,
                                        style(stderr, STYLE_PLAIN));
                        return -EIO;
                }
                clock_sleep_until(now + READY_POLL_USEC);
        }
}

static int enable_unit(sd_bus *bus, const char *unit) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (systemd_enable_unit(bus, unit, &error) < 0)
                return report_failure("enabled", unit, &error);
        if (systemd_start_unit(bus, unit, &error) < 0)
                return report_failure("started", unit, &error);
        r = wait_running(bus, unit);
        if (r >= 0)
                printf("%s runs, and is started at boot.\n", unit);
        return r;
}

static int disable_unit(sd_bus *bus, const char *unit) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (systemd_disable_unit(bus, unit, &error) < 0)
                return report_failure("disabled", unit, &error);
        if (systemd_stop_unit(bus, unit, &error) < 0)
                return report_failure("stopped", unit, &error);
        printf("%s is stopped, and isn't started at boot.\n", unit);
        return 0;
}

/* Says which command the user can run without the bus, or as root. */
static void advise_command(bool enable) {
        advise(enable ? "As root, type: systemctl enable --now " UNIT_NAMES :
                        "As root, type: systemctl disable --now " UNIT_NAMES);
}

/* Stops at the first failure: the second unit would fail for the same reason. */
static int change_units(sd_bus *bus, bool enable) {
        unsigned n_missing = 0;

        for (size_t i = 0; i < ELEMENTS(units); i++) {
                int r;

                r = check_installed(bus, units[i]);
                if (r == 0)
                        n_missing++;
                if (r > 0)
                        r = enable ? enable_unit(bus, units[i]) : disable_unit(bus, units[i]);
                if (r < 0) {
                        advise_command(enable);
                        return r;
                }
        }
        if (n_missing > 0 && enable)
                advise("Install " PACKAGE ", and try again.");
        return n_missing > 0 && enable ? -ENOENT : 0;
}

static int change(bool enable) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;

        if (client_open(&bus) < 0) {
                advise_command(enable);
                return EXIT_FAILED;
        }
        return change_units(bus, enable) < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}

/* ---- status ---- */

static const Column unit_columns[] = { { "HELPER" }, { "STATE" }, { "AT BOOT" } };
static const Column bridge_columns[] = { { "BRIDGE" }, { "ADDRESSES" } };

/* Returns an array of objects with the keys "unit", "state" and "enabled". */
static int gather_units(json_t **ret, bool *ret_all_run) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(json_decrefp) json_t *helpers = json_array();
        bool all_run = true;

        if (client_open(&bus) < 0)
                return -ENOTCONN;
        for (size_t i = 0; i < ELEMENTS(units); i++) {
                _cleanup_(json_decrefp) json_t *unit = NULL;
                const char *state;

                if (get_unit(bus, units[i], &unit) < 0)
                        return -EIO;
                state = is_installed(unit) ? json_text(unit, "ActiveState") ?: "unknown" : "not-installed";
                all_run = all_run && is_running(unit);
                if (json_array_append_new(helpers, json_pack("{s:s, s:o, s:b}", "unit", units[i], "state",
                                                                   json_from_text(state), "enabled",
                                                                   systemd_unit_is_enabled(unit))) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(helpers);
        *ret_all_run = all_run;
        return 0;
}

static int print_units(const Options *o, const json_t *helpers) {
        _cleanup_(table_freep) Table *t = NULL;
        const json_t *helper;
        size_t i;
        int r;

        r = table_new(unit_columns, ELEMENTS(unit_columns), o->legend, o->full, &t);
        json_array_foreach(helpers, i, helper) {
                const char *const cells[] = {
                        json_text(helper, "unit"),
                        json_text(helper, "state"),
                        json_is_true(json_object_get(helper, "enabled")) ? "yes" : "no",
                };

                if (r >= 0)
                        r = table_add(t, cells, STYLE_PLAIN);
        }
        return r < 0 ? r : table_print(t);
}

/* The addresses of a bridge, separated by commas; NULL if it has none. */
static char *addresses_text(const json_t *bridge, char *buffer, size_t size) {
        const json_t *addresses = json_object_get(bridge, "addresses"), *address;
        size_t i, n = 0;

        json_array_foreach(addresses, i, address)
                if (n < size)
                        n += (size_t) snprintf(buffer + n, size - n, "%s%s", i > 0 ? ", " : "",
                                        json_string_value(address));
        return n > 0 ? buffer : NULL;
}

static int print_bridges(const Options *o, const json_t *bridges) {
        _cleanup_(table_freep) Table *t = NULL;
        const json_t *bridge;
        bool without = false;
        size_t i;
        int r;

        if (json_array_size(bridges) == 0)
                return 0;
        r = table_new(bridge_columns, ELEMENTS(bridge_columns), o->legend, o->full, &t);
        json_array_foreach(bridges, i, bridge) {
                char text[TEXT_NAME_SIZE];
                const char *const cells[] = {
                        json_text(bridge, "bridge"),
                        addresses_text(bridge, text, sizeof(text)),
                };

                without = without || !cells[1];
                if (r >= 0)
                        r = table_add(t, cells, cells[1] ? STYLE_PLAIN : STYLE_YELLOW);
        }
        if (r < 0)
                return r;
        putchar('\n');
        r = table_print(t);
        if (without && o->legend)
                printf("%s-- On a bridge without an address of the host, the host can't reach a guest.%s\n",
                                style(stdout, STYLE_GREY), style(stdout, STYLE_PLAIN));
        return r;
}

static int print_status(const Options *o, json_t *helpers, json_t *bridges) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        int r;

        if (o->json != JSON_OFF) {
                document = json_pack("[{s:O, s:O}]", "helpers", helpers, "bridges", bridges);
                return document ? json_print(stdout, document, o->json) : -ENOMEM;
        }
        r = print_units(o, helpers);
        return r < 0 ? r : print_bridges(o, bridges);
}

static int show_status(const Options *o) {
        _cleanup_(json_decrefp) json_t *helpers = NULL, *bridges = NULL;
        bool all_run = false;
        int r;

        if (gather_units(&helpers, &all_run) < 0)
                return EXIT_FAILED;
        r = bridges_list(&bridges);
        if (r >= 0)
                r = print_status(o, helpers, bridges);
        if (r < 0)
                fprintf(stderr, "libvirt-resolve: The bridges can't be shown: %s.\n", strerror(-r));
        if (!all_run)
                advise("To have both helpers run: libvirt-resolve bridged enable");
        return r < 0 || !all_run ? EXIT_FAILED : EXIT_SUCCESS;
}

int verb_bridged(const Options *o) {
        const char *action = o->arguments[0];

        return strcmp(action, "status") == 0 ? show_status(o) : change(strcmp(action, "enable") == 0);
}
