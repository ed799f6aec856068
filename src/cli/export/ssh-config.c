/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=ssh-config: a block for each guest, to be included by ssh_config(5).  Its patterns have no quoting
 * for "*", "?" and "!".
 */

#include "cli/export/format.h"
#include "cli/export/guests.h"
#include "cli/export/selection.h"
#include "cli/json.h"
#include "names/name.h"

/* The host key is stored under the guest's name: another guest may have the address tomorrow. */
static void write_guest(FILE *file, const json_t *guest) {
        const json_t *name;
        size_t i;

        fputs("\nHost", file);
        json_array_foreach(json_object_get(guest, "names"), i, name)
                fprintf(file, " %s", json_string_value(name));
        fprintf(file, "\n    HostName %s\n    HostKeyAlias %s\n    CheckHostIP no\n",
                        json_text(guest, "address"), selection_name(guest));
}

static int write_ssh_config(FILE *file, const json_t *selection, const ExportOptions *options) {
        _cleanup_(json_decrefp) json_t *guests = NULL;
        const json_t *guest;
        size_t i;
        int r;

        r = guests_make(selection, &guests);
        if (r < 0)
                return r;
        fputs("# " EXPORT_NOTICE "\n", file);
        json_array_foreach(guests, i, guest)
                write_guest(file, guest);
        return 0;
}

const ExportFormat export_ssh_config = {
        .name = "ssh-config",
        .file_name = "guests.conf",
        .takes_name = name_is_hostname,
        .write = write_ssh_config,
};
