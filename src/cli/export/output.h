/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The text that is exported, made and written: to standard output, or to a file that is replaced in one
 * step.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "cli/export/format.h"
#include "util/util.h"

typedef struct Output {
        const ExportFormat *format;
        const Options *options;
        char *path;       /* of the file, with links followed; NULL: standard output */
        char *text;       /* that was written last; NULL: none */
        char *complaints; /* about names that were left out last */
} Output;

/* Returns 0 or a negative errno, and says what is wrong. */
int output_open(const ExportFormat *format, const Options *o, Output *ret);
void output_close(Output *output);

/* Asks the service for the leases and the addresses that were seen, with the variants of names that are
 * wanted.  Returns as client_fetch(). */
int output_fetch(const Output *output, sd_bus *bus, sd_bus_error *error, json_t **ret);

/* Writes the leases, in ListLeases()'s form, unless the text is the one that was written last; says which
 * names are left out, unless they are the same again.  Returns 0, or a negative errno and says what failed.
 */
int output_write(Output *output, const json_t *leases);
