/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve nss: adds the modules to nsswitch.conf, and removes them.
 */

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "index/format.h"
#include "cli/config-file.h"
#include "cli/json.h"
#include "cli/nsswitch.h"
#include "cli/style.h"
#include "cli/verbs.h"
#include "util/text.h"

#define BACKUP_SUFFIX ".libvirt-resolve.bak"

/* ---- reading ---- */

static const char *reason(int r) {
        return r == -EBADFD ? "it is no regular file" :
               r == -EILSEQ ? "there is a NUL in it" :
               r == -E2BIG  ? "its hosts line is too long" :
               r == -ESTALE ? "somebody else has just changed it; try again" :
               r == -EBUSY  ? "something is mounted on it, so it can't be replaced" :
                              strerror(-r);
}

/* Reports that the file couldn't be read. */
static int report_read_error(const char *path, int r) {
        fprintf(stderr, "libvirt-resolve: %s: %s.\n", path, reason(r));
        return EXIT_FAILED;
}

/* Reports that the file couldn't be changed.  tried: a clause that names the failed step. */
static int report_change_error(const char *path, const char *tried, int r) {
        if (r == -ESTALE)
                return report_read_error(path, r);
        fprintf(stderr, "libvirt-resolve: %s: nothing was changed, as %s: %s.\n", path, tried, reason(r));
        if (r == -EACCES || r == -EPERM)
                fprintf(stderr, "%sOnly root may change it.%s\n", style(stderr, STYLE_GREY),
                                style(stderr, STYLE_PLAIN));
        return EXIT_FAILED;
}

/* Prints the sources of the hosts line.  Returns 0 or -ENOMEM. */
static int print_hosts(const char *path, const NsswitchHosts *hosts) {
        _cleanup_(freep) char *list = strndup(hosts->text + hosts->begin, hosts->end - hosts->begin);
        char text[1024];

        if (!list)
                return -ENOMEM;
        printf("%s has:\n  hosts: %s\n", path, text_escape(list, text, sizeof(text)));
        return 0;
}

static int print_file(const char *path) {
        _cleanup_(freep) char *text = NULL;
        NsswitchHosts hosts;
        int r;

        r = config_file_read(path, &text);
        if (r >= 0)
                r = nsswitch_parse(text, &hosts);
        return r < 0 ? r : print_hosts(path, &hosts);
}

/* ---- enable, disable ---- */

/* A file that another program generates isn't ours to change.  Returns whether it is such a file, after
 * reporting it. */
static bool is_managed(const char *path, bool enable) {
        char target[PATH_MAX];
        ssize_t n;

        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return false;
        target[n] = '\0';
        if (strstr(target, "/authselect/"))
                fprintf(stderr,
                                "libvirt-resolve: %s is managed by authselect. Nothing was changed; use:\n"
                                "  authselect %s-feature with-libvirt\n",
                                path, enable ? "enable" : "disable");
        else
                fprintf(stderr,
                                "libvirt-resolve: %s is a link to %s, so something else writes it.\n"
                                "Nothing was changed.\n",
                                path, target);
        return true;
}

static int refuse(const char *path, const char *text) {
        NsswitchHosts hosts;
        int files;

        if (nsswitch_parse(text, &hosts) < 0 || (files = nsswitch_find(&hosts, NSSWITCH_FILES)) < 0)
                return EXIT_FAILED;
        fprintf(stderr,
                        "libvirt-resolve: %s: \"%.*s\" ends the lookup, so behind it the modules are never "
                        "asked;\n"
                        "before it, guests could take names of /etc/hosts. Nothing was changed.\n"
                        "%sTake the action in brackets out of the hosts line, and try again.%s\n",
                        path, (int) (hosts.sources[files].end - hosts.sources[files].begin),
                        text + hosts.sources[files].begin, style(stderr, STYLE_GREY),
                        style(stderr, STYLE_PLAIN));
        return EXIT_FAILED;
}

/* Replaces the file, and keeps the first original in a backup. */
static int replace(const char *path, const char *old, const char *text) {
        _cleanup_(freep) char *backup = NULL;
        const char *tried = NULL;
        int r;

        if (asprintf(&backup, "%s" BACKUP_SUFFIX, path) < 0)
                return report_read_error(path, -ENOMEM);
        (void) signal(SIGXFSZ, SIG_IGN); /* write() then returns EFBIG */
        r = config_file_back_up(path, old, backup, &tried);
        if (r >= 0)
                r = config_file_replace(path, old, text, &tried);
        if (r < 0)
                return report_change_error(path, tried, r);
        r = print_file(path);
        if (r < 0)
                return report_read_error(path, r);
        printf("The file as it was before the first change: %s\n", backup);
        return EXIT_SUCCESS;
}

/* modules: those to enable; 0: none. */
static int change(const char *path, unsigned modules) {
        _cleanup_(freep) char *text = NULL, *changed = NULL;
        int r;

        r = config_file_read(path, &text);
        if (r >= 0)
                r = modules != 0 ? nsswitch_enable(text, modules, &changed) :
                                   nsswitch_disable(text, &changed);
        if (r == NSSWITCH_UNCHANGED) {
                printf("Nothing to do: the modules are %s %s%s.\n", modules != 0 ? "in" : "not in", path,
                                modules != 0 ? " already" : "");
                return EXIT_SUCCESS;
        }
        if (is_managed(path, modules != 0))
                return EXIT_FAILED;
        if (r < 0)
                return report_read_error(path, r);
        return r == NSSWITCH_REFUSED ? refuse(path, text) : replace(path, text, changed);
}

/* ---- status ---- */

/* An array with the sources' names.  NULL: no memory. */
static json_t *sources_new(const NsswitchHosts *hosts) {
        _cleanup_(json_decrefp) json_t *sources = json_array();

        for (size_t i = 0; i < hosts->n_sources; i++) {
                const NsswitchSource *s = hosts->sources + i;
                _cleanup_(freep) char *name = strndup(hosts->text + s->begin, s->name_end - s->begin);

                if (!name || json_array_append_new(sources, json_from_text(name)) < 0)
                        return NULL;
        }
        return TAKE_PTR(sources);
}

static json_t *status_new(const char *path, const NsswitchHosts *hosts) {
        return json_pack("[{s:o, s:b, s:b, s:o}]", "file", json_from_text(path), "enabled",
                        nsswitch_is_enabled(hosts, nsswitch_modules(hosts)), "files-first",
                        nsswitch_files_first(hosts), "sources", sources_new(hosts));
}

/* Prints the sources that end the lookup before a module that is on the line.  Returns whether there is such
 * a module. */
static bool print_unreached(const NsswitchHosts *hosts) {
        static const char *const names[] = { NSSWITCH_LEASE, NSSWITCH_DOMAIN };
        int places[ELEMENTS(names)], end = nsswitch_find_end(hosts, hosts->n_sources);
        size_t n_reached = 0, unreached = ELEMENTS(names);

        for (size_t i = ELEMENTS(names); i-- > 0;) {
                places[i] = nsswitch_find(hosts, names[i]);
                if (places[i] >= 0 && end >= 0 && end < places[i])
                        unreached = i;
                else if (places[i] >= 0)
                        n_reached++;
        }
        if (unreached == ELEMENTS(names))
                return false;
        printf("%s: \"%.*s\" ends the lookup before %s is asked",
                        n_reached > 0 ? "enabled in part" : "not reached",
                        (int) (hosts->sources[end].end - hosts->sources[end].begin),
                        hosts->text + hosts->sources[end].begin, names[unreached]);
        return true;
}

static int print_status(const Options *o, const char *path, const NsswitchHosts *hosts) {
        unsigned modules = nsswitch_modules(hosts);
        bool good = nsswitch_is_enabled(hosts, modules) && nsswitch_files_first(hosts);

        printf("%s", style(stdout, good ? STYLE_GREEN : STYLE_YELLOW));
        if (!print_unreached(hosts))
                printf("%s%s",
                                modules == 0              ? "disabled" :
                                modules == VARIANT_LEASE  ? "enabled: " NSSWITCH_LEASE " only" :
                                modules == VARIANT_DOMAIN ? "enabled: " NSSWITCH_DOMAIN " only" :
                                                            "enabled",
                                nsswitch_files_first(hosts) ?
                                                "" :
                                                ", but before files: a guest can take a name of /etc/hosts");
        printf("%s\n", style(stdout, STYLE_PLAIN));
        return o->legend && hosts->text ? print_hosts(path, hosts) : 0;
}

static int status(const Options *o, const char *path) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        _cleanup_(freep) char *text = NULL;
        NsswitchHosts hosts = { 0 };
        bool enabled;
        int r;

        r = config_file_read(path, &text);
        if (r < 0)
                return report_read_error(path, r);
        r = nsswitch_parse(text, &hosts);
        if (r == -E2BIG)
                return report_read_error(path, r);

        enabled = nsswitch_is_enabled(&hosts, nsswitch_modules(&hosts));
        if (o->json != JSON_OFF) {
                document = status_new(path, &hosts);
                r = document ? json_print(stdout, document, o->json) : -ENOMEM;
        } else
                r = print_status(o, path, &hosts);
        return r >= 0 && enabled ? EXIT_SUCCESS : EXIT_FAILED;
}

int verb_nss(const Options *o) {
        const char *action = o->arguments[0], *path = o->file ?: "/etc/nsswitch.conf";

        if (strcmp(action, "status") == 0)
                return status(o, path);
        if (strcmp(action, "disable") == 0)
                return change(path, 0);
        return change(path, o->variants != 0 ? (unsigned) o->variants : VARIANT_LEASE | VARIANT_DOMAIN);
}
