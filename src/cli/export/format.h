/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A format in which names go to other programs.  Each has a file of its own; formats.c has the table.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/options.h"

typedef struct ExportFormat {
        const char *name;      /* of --format= */
        const char *file_name; /* in a directory */
        unsigned options;      /* OptionGroup, or'ed: those that not every format takes */
        /* Whether the format can carry a name, which may be any text. */
        bool (*takes_name)(const char *name);
        /* Writes what selection_make() selected.  Returns 0 or a negative errno. */
        int (*write)(FILE *file, const json_t *selection, const ExportOptions *options);
} ExportFormat;

extern const ExportFormat export_ansible, export_hosts, export_prometheus, export_reverse_zone, export_rr,
                export_ssh_config, export_zone;

/* The format of that name, or NULL. */
const ExportFormat *export_format_find(const char *name);

/* The names of all formats, as in "hosts, zone, rr". */
void export_format_print_all(FILE *file);

/* The first line of formats that have comments: says who overwrites the file. */
#define EXPORT_NOTICE "Written by libvirt-resolve export; changes are overwritten."
