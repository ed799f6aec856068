/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A file format for names.  Each format has its own file; formats.c has the table.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/options.h"

typedef struct ExportFormat {
        const char *name;      /* as in --format= */
        const char *file_name; /* if --output= names a directory */
        unsigned options;      /* OptionGroup, or'ed: the format-specific ones that it takes */
        /* Whether the format can represent a name, which may be any text. */
        bool (*takes_name)(const char *name);
        /* Writes the selection of selection_make().  Returns 0 or a negative errno. */
        int (*write)(FILE *file, const json_t *selection, const ExportOptions *options);
} ExportFormat;

extern const ExportFormat export_ansible, export_hosts, export_prometheus, export_reverse_zone, export_rr,
                export_ssh_config, export_zone;

/* Returns the format of that name, or NULL. */
const ExportFormat *export_format_find(const char *name);

/* Prints the names of all formats: "hosts, zone, rr". */
void export_format_print_all(FILE *file);

/* The first line in formats with comments. */
#define EXPORT_NOTICE "Written by libvirt-resolve export; changes are overwritten."
