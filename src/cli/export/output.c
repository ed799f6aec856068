/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The exported text.
 */

#include "cli/export/output.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/config-file.h"
#include "cli/export/seen.h"
#include "cli/export/selection.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "names/name.h"
#include "source/json-memory.h"

static int out_of_memory(void) {
        fprintf(stderr, "libvirt-resolve: Not enough memory.\n");
        return -ENOMEM;
}

/* The file's path; if given is a directory, the file in it is named after the format. */
static int find_path(const char *given, const char *file_name, char **ret) {
        _cleanup_(freep) char *path = NULL, *real = NULL;
        struct stat st;
        size_t n = strlen(given);

        if ((n > 0 && given[n - 1] == '/') || (stat(given, &st) >= 0 && S_ISDIR(st.st_mode))) {
                if (asprintf(&path, "%s%s%s", given, n > 0 && given[n - 1] == '/' ? "" : "/", file_name) < 0)
                        return -ENOMEM;
        } else if (!(path = strdup(given)))
                return -ENOMEM;
        real = realpath(path, NULL);
        *ret = real ? TAKE_PTR(real) : TAKE_PTR(path);
        return 0;
}

int output_open(const ExportFormat *format, const Options *o, Output *ret) {
        Output output = { .format = format, .options = o };

        if (o->export.output && find_path(o->export.output, format->file_name, &output.path) < 0)
                return out_of_memory();
        *ret = output;
        return 0;
}

void output_close(Output *output) {
        free(output->path);
        free(output->text);
        free(output->omissions);
}

int output_fetch(const Output *output, sd_bus *bus, sd_bus_error *error, json_t **ret) {
        uint64_t variants = output->options->export.hostnames ? 0 : VARIANT_DOMAIN;
        _cleanup_(json_decrefp) json_t *leases = NULL, *guests = NULL;
        int r;

        /* The short list first: after a long one the service refuses any for a while. */
        r = client_fetch(bus, error, &guests, "ListGuests", "");
        if (r >= 0)
                r = client_fetch(bus, error, &leases, "ListLeases", "t", variants);
        if (r < 0)
                return r;
        r = seen_append(leases, guests);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        *ret = TAKE_PTR(leases);
        return 0;
}

/* Writes the text, and a line to omissions for each lease whose names are left out. */
static int make(const Output *output, const json_t *leases, FILE *text, FILE *omissions) {
        _cleanup_(json_decrefp) json_t *selection = NULL;
        JsonMemory memory = json_memory_begin();
        int r;

        r = selection_make(leases, output->format, output->options, omissions, &selection);
        if (r >= 0)
                r = output->format->write(text, selection, &output->options->export);
        return r >= 0 && json_memory_failed(memory) ? -ENOMEM : r;
}

static int make_texts(const Output *output, const json_t *leases, char **ret_text, char **ret_omissions) {
        _cleanup_(freep) char *text = NULL, *omissions = NULL;
        size_t text_size, omissions_size;
        FILE *files[2];
        int r = -ENOMEM;

        files[0] = open_memstream(&text, &text_size);
        files[1] = open_memstream(&omissions, &omissions_size);
        if (files[0] && files[1])
                r = make(output, leases, files[0], files[1]);
        for (size_t i = 0; i < ELEMENTS(files); i++)
                if (files[i] && fclose(files[i]) != 0)
                        r = -ENOMEM;
        /* glibc reports no error if there was no memory at the end. */
        if (r >= 0 && (!text || !omissions))
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret_text = TAKE_PTR(text);
        *ret_omissions = TAKE_PTR(omissions);
        return 0;
}

static bool is_same(const char *before, const char *now) {
        return before && strcmp(before, now) == 0;
}

static int put(const char *path, const char *text) {
        const char *tried;
        int r;

        if (!path) {
                fputs(text, stdout);
                return 0;
        }
        r = config_file_put(path, text, &tried);
        if (r < 0)
                fprintf(stderr, "libvirt-resolve: %s isn't written: %s: %s.\n", path, tried,
                                r == -EBADFD ? "it is no regular file" : strerror(-r));
        return r;
}

int output_write(Output *output, const json_t *leases) {
        _cleanup_(freep) char *text = NULL, *omissions = NULL;
        int r;

        r = make_texts(output, leases, &text, &omissions);
        if (r < 0)
                return out_of_memory();
        if (output->options->legend && !is_same(output->omissions, omissions))
                fprintf(stderr, "%s%s%s", style(stderr, STYLE_GREY), omissions, style(stderr, STYLE_PLAIN));
        free(output->omissions);
        output->omissions = TAKE_PTR(omissions);
        if (is_same(output->text, text))
                return 0;
        r = put(output->path, text);
        if (r < 0)
                return r;
        free(output->text);
        output->text = TAKE_PTR(text);
        return 0;
}
