/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=rr: the JSON of systemd.rr(5), which systemd-resolved 261 and later reads.
 */

#include <arpa/nameser.h>
#include <sys/socket.h>

#include "cli/export/arpa.h"
#include "cli/export/format.h"
#include "cli/export/selection.h"
#include "cli/json.h"
#include "names/name.h"

static int add(json_t *records, const char *name, ns_type type, const char *key, json_t *value) {
        json_t *record =
                        json_pack("{s:{s:s, s:i}, s:O}", "key", "name", name, "type", (int) type, key, value);

        return json_array_append_new(records, record) < 0 ? -ENOMEM : 0;
}

static int add_lease(json_t *records, const json_t *lease) {
        ns_type type = json_number(lease, "family") == AF_INET6 ? ns_t_aaaa : ns_t_a;
        json_t *names = json_object_get(lease, "names"), *address = json_object_get(lease, "address"), *name;
        char arpa[ARPA_SIZE];
        size_t i;
        int r;

        json_array_foreach(names, i, name) {
                r = add(records, json_string_value(name), type, "address", address);
                if (r < 0)
                        return r;
        }
        return add(records, arpa_format(json_string_value(address), arpa), ns_t_ptr, "name",
                        json_array_get(names, 0));
}

static int write_rr(FILE *file, const json_t *selection, const ExportOptions *options) {
        _cleanup_(json_decrefp) json_t *records = json_array();
        const json_t *lease;
        size_t i;

        json_array_foreach(selection, i, lease)
                if (add_lease(records, lease) < 0)
                        return -ENOMEM;
        return records ? json_print(file, records, JSON_PRETTY) : -ENOMEM;
}

const ExportFormat export_rr = {
        .name = "rr",
        .file_name = "guests.rr",
        .takes_name = name_is_hostname,
        .write = write_rr,
};
