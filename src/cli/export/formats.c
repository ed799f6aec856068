/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of formats.
 */

#include <string.h>

#include "cli/export/format.h"

static const ExportFormat *const formats[] = {
        &export_hosts,
        &export_ssh_config,
        &export_ansible,
        &export_prometheus,
        &export_zone,
        &export_reverse_zone,
        &export_rr,
};

const ExportFormat *export_format_find(const char *name) {
        for (size_t i = 0; i < ELEMENTS(formats); i++)
                if (strcmp(formats[i]->name, name) == 0)
                        return formats[i];
        return NULL;
}

void export_format_print_all(FILE *file) {
        for (size_t i = 0; i < ELEMENTS(formats); i++) {
                bool last = i + 1 == ELEMENTS(formats);

                fprintf(file, "%s%s", i == 0 ? "" : last ? " or " : ", ", formats[i]->name);
        }
}
