/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The exported text, written to standard output, or to a file that is replaced atomically.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "cli/export/format.h"
#include "util/util.h"

typedef struct Output {
        const ExportFormat *format;
        const Options *options;
        char *path;      /* of the file, with links resolved; NULL: standard output */
        char *text;      /* written last; NULL: none */
        char *omissions; /* the lines about omitted names, printed last */
} Output;

/* Returns 0, or a negative errno after reporting what is wrong. */
int output_open(const ExportFormat *format, const Options *o, Output *ret);
void output_close(Output *output);

/* Asks the service for the leases and the answered addresses that were seen, with the name variants that the
 * options select.  Returns as client_fetch(). */
int output_fetch(const Output *output, sd_bus *bus, sd_bus_error *error, json_t **ret);

/* Writes the leases, in the form of ListLeases(), unless the text is the same as before; prints which names
 * are left out, unless they are the same as before.  Returns 0, or a negative errno after reporting what
 * failed. */
int output_write(Output *output, const json_t *leases);
