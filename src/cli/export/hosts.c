/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=hosts: hosts(5), for dnsmasq, CoreDNS, Pi-hole.  It has no quoting.
 */

#include "cli/export/format.h"
#include "cli/json.h"
#include "names/name.h"

static int write_hosts(FILE *file, const json_t *selection, const ExportOptions *options) {
        const json_t *lease, *name;
        size_t i, k;

        fputs("# " EXPORT_NOTICE "\n", file);
        json_array_foreach(selection, i, lease) {
                fputs(json_text(lease, "address"), file);
                json_array_foreach(json_object_get(lease, "names"), k, name)
                        fprintf(file, " %s", json_string_value(name));
                putc('\n', file);
        }
        return 0;
}

const ExportFormat export_hosts = {
        .name = "hosts",
        .file_name = "guests.hosts",
        .takes_name = name_is_hostname,
        .write = write_hosts,
};
