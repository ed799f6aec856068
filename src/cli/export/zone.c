/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=zone and --format=reverse-zone: records of RFC 1035, for inclusion in a zone file.  A server
 * doesn't load a zone with a name that it refuses, so only host names of RFC 1123 are written.
 */

#include <string.h>
#include <sys/socket.h>

#include "cli/export/arpa.h"
#include "cli/export/format.h"
#include "cli/export/selection.h"
#include "cli/json.h"
#include "names/name.h"

/* In seconds; short, as addresses of guests change. */
#define TTL 60

/* Servers refuse "_" in the owner name of an address record, as host names don't contain it. */
static bool takes_name(const char *name) {
        return name_is_hostname(name) && !strchr(name, '_');
}

/* Without --suffix= the zone isn't known: names are relative to it, and names with a dot are left out. */
static int write_zone(FILE *file, const json_t *selection, const ExportOptions *options) {
        const json_t *lease, *name;
        size_t i, k;

        fputs("; " EXPORT_NOTICE "\n", file);
        json_array_foreach(selection, i, lease)
                json_array_foreach(json_object_get(lease, "names"), k, name) {
                        const char *text = json_string_value(name);

                        if (!options->suffix && strchr(text, '.'))
                                continue;
                        fprintf(file, "%s%s %d IN %s %s\n", text, options->suffix ? "." : "", TTL,
                                        json_number(lease, "family") == AF_INET6 ? "AAAA" : "A",
                                        json_text(lease, "address"));
                }
        return 0;
}

static int write_reverse_zone(FILE *file, const json_t *selection, const ExportOptions *options) {
        const json_t *lease;
        size_t i;

        fputs("; " EXPORT_NOTICE "\n", file);
        json_array_foreach(selection, i, lease) {
                char arpa[ARPA_SIZE];

                fprintf(file, "%s. %d IN PTR %s.\n", arpa_format(json_text(lease, "address"), arpa), TTL,
                                selection_name(lease));
        }
        return 0;
}

const ExportFormat export_zone = {
        .name = "zone",
        .file_name = "guests.zone",
        .takes_name = takes_name,
        .write = write_zone,
};

const ExportFormat export_reverse_zone = {
        .name = "reverse-zone",
        .file_name = "guests.zone",
        .takes_name = takes_name,
        .write = write_reverse_zone,
};
