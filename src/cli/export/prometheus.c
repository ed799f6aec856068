/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=prometheus: the JSON of Prometheus's file_sd_configs.  A label's value may be any text.
 */

#include <sys/socket.h>

#include "cli/export/format.h"
#include "cli/export/guests.h"
#include "cli/export/selection.h"
#include "cli/json.h"
#include "names/name.h"

/* The node exporter's port. */
#define PORT_DEFAULT 9100

static bool takes_name(const char *name) {
        return name[0] != '\0';
}

static json_t *target_group(const json_t *guest, unsigned port) {
        bool v6 = json_number(guest, "family") == AF_INET6;

        return json_pack("{s:[o], s:{s:s, s:O, s:O*}}", "targets",
                        json_sprintf("%s%s%s:%u", v6 ? "[" : "", json_text(guest, "address"), v6 ? "]" : "",
                                        port ?: PORT_DEFAULT),
                        "labels", "instance", selection_name(guest), "__meta_libvirt_interface",
                        json_object_get(guest, "interface"), "__meta_libvirt_mac_address",
                        json_object_get(guest, "mac-address"));
}

static int write_prometheus(FILE *file, const json_t *selection, const ExportOptions *options) {
        _cleanup_(json_decrefp) json_t *guests = NULL, *document = json_array();
        const json_t *guest;
        size_t i;
        int r;

        r = guests_make(selection, &guests);
        if (r < 0)
                return r;
        json_array_foreach(guests, i, guest)
                if (json_array_append_new(document, target_group(guest, options->port)) < 0)
                        return -ENOMEM;
        return document ? json_print(file, document, JSON_PRETTY) : -ENOMEM;
}

const ExportFormat export_prometheus = {
        .name = "prometheus",
        .file_name = "guests.json",
        .options = OPTION_PORT,
        .takes_name = takes_name,
        .write = write_prometheus,
};
