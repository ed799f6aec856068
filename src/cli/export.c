/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve export: names in the formats of other programs.
 */

#include <stdio.h>

#include "cli/export/format.h"
#include "cli/export/output.h"
#include "cli/export/watch.h"
#include "cli/service-client.h"
#include "cli/verbs.h"

/* Reports wrong options.  Returns the format, or NULL. */
static const ExportFormat *find_format(const Options *o) {
        const ExportFormat *format = o->export.format ? export_format_find(o->export.format) : NULL;
        unsigned refused;

        if (!format) {
                fprintf(stderr, "libvirt-resolve: %s%s: expected ",
                                o->export.format ? "--format=" : "'export' needs --format=",
                                o->export.format ?: "");
                export_format_print_all(stderr);
                fprintf(stderr, ".\n");
                return NULL;
        }
        refused = o->given & (OPTION_PORT | OPTION_INVENTORY) & ~format->options;
        if (refused != 0) {
                fprintf(stderr, "libvirt-resolve: The format %s doesn't take %s.\n", format->name,
                                options_name(refused));
                return NULL;
        }
        if (o->export.watch && !o->export.output) {
                fprintf(stderr, "libvirt-resolve: --watch needs --output=FILE, which it replaces at each "
                                "change.\n");
                return NULL;
        }
        return format;
}

static int export_once(Output *output) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *leases = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open(&bus);
        if (r < 0)
                return r;
        r = output_fetch(output, bus, &error, &leases);
        if (r < 0) {
                client_report_error(&error);
                return r;
        }
        return output_write(output, leases);
}

int verb_export(const Options *o) {
        const ExportFormat *format = find_format(o);
        Output output;
        int r;

        if (!format)
                return EXIT_USAGE;
        r = output_open(format, o, &output);
        if (r < 0)
                return EXIT_FAILED;
        r = o->export.watch ? watch_run(&output) : export_once(&output);
        output_close(&output);
        return r < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
