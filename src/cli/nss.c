/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve nss: puts the modules into nsswitch.conf, and takes them out.
 */

#include <limits.h>
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

static int complain(const char *path, int r) {
        const char *reason = r == -EBADFD ? "it is no regular file" :
                        r == -EINVAL      ? "there is a NUL in it" :
                        r == -E2BIG       ? "its hosts line is too long" :
                        r == -EBUSY       ? "something is mounted on it, so it can't be replaced" :
                                            strerror(-r);

        fprintf(stderr, "libvirt-resolve: %s: %s.\n", path, reason);
        return EXIT_FAILED;
}

/* The hosts line's list of sources, for people. */
static void print_hosts(const char *path, const NsswitchHosts *hosts) {
        char text[1024];
        char *list = strndup(hosts->text + hosts->begin, hosts->end - hosts->begin);

        printf("%s has:\n  hosts: %s\n", path, list ? text_escape(list, text, sizeof(text)) : "");
        free(list);
}

static int print_file(const char *path) {
        _cleanup_(freep) char *text = NULL;
        NsswitchHosts hosts;
        int r;

        r = config_file_read(path, &text);
        if (r >= 0)
                r = nsswitch_parse(text, &hosts);
        if (r >= 0)
                print_hosts(path, &hosts);
        return r;
}

/* ---- enable, disable ---- */

/* What something else keeps and writes anew isn't ours to change.  Returns whether it is so,
 * after having said it. */
static bool is_managed(const char *path, bool enable) {
        char target[PATH_MAX];
        ssize_t n;

        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return false;
        target[n] = '\0';
        if (strstr(target, "/authselect/"))
                fprintf(stderr, "libvirt-resolve: %s is authselect's. Nothing was changed; use this:\n"
                                "  authselect %s-feature with-libvirt\n",
                                path, enable ? "enable" : "disable");
        else
                fprintf(stderr, "libvirt-resolve: %s is a link to %s, so something else writes it.\n"
                                "Nothing was changed.\n",
                                path, target);
        return true;
}

/* modules: those that are to be there; 0: none. */
static int change(const char *path, unsigned modules) {
        _cleanup_(freep) char *text = NULL, *changed = NULL, *backup = NULL;
        int r;

        r = config_file_read(path, &text);
        if (r >= 0)
                r = modules != 0 ? nsswitch_enable(text, modules, &changed) : nsswitch_disable(text, &changed);
        if (r == 0) {
                printf("Nothing to do: the modules are %s %s%s.\n", modules != 0 ? "in" : "not in", path,
                                modules != 0 ? " already" : "");
                return EXIT_SUCCESS;
        }
        if (is_managed(path, modules != 0))
                return EXIT_FAILED;
        if (r < 0)
                return complain(path, r);
        if (asprintf(&backup, "%s" BACKUP_SUFFIX, path) < 0)
                return complain(path, -ENOMEM);
        r = config_file_replace(path, backup, changed);
        if (r >= 0)
                r = print_file(path);
        if (r < 0)
                return complain(path, r);
        printf("The file as it was before this change: %s\n", backup);
        return EXIT_SUCCESS;
}

/* ---- status ---- */

static json_t *status_new(const char *path, const NsswitchHosts *hosts) {
        json_t *sources = json_array();

        for (size_t i = 0; i < hosts->n_sources; i++) {
                const NsswitchSource *s = hosts->sources + i;
                char *name = strndup(hosts->text + s->begin, s->name_end - s->begin);

                (void) json_array_append_new(sources, name ? json_from_text(name) : NULL);
                free(name);
        }
        return json_pack("[{s:o, s:b, s:o}]", "file", json_from_text(path), "enabled",
                        nsswitch_is_enabled(hosts, nsswitch_modules(hosts)), "sources", sources);
}

static void print_status(const Options *o, const char *path, const NsswitchHosts *hosts) {
        unsigned modules = nsswitch_modules(hosts);
        bool enabled = nsswitch_is_enabled(hosts, modules);

        printf("%s%s%s\n", style(stdout, enabled ? STYLE_GREEN : STYLE_YELLOW),
                        modules == 0             ? "disabled" :
                        !enabled                 ? "enabled in part; see: libvirt-resolve doctor" :
                        modules == VARIANT_LEASE   ? "enabled: " NSSWITCH_LEASE " only" :
                        modules == VARIANT_DOMAIN  ? "enabled: " NSSWITCH_DOMAIN " only" :
                                                   "enabled",
                        style(stdout, STYLE_PLAIN));
        if (o->legend && hosts->text)
                print_hosts(path, hosts);
}

static int status(const Options *o, const char *path) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        _cleanup_(freep) char *text = NULL;
        NsswitchHosts hosts = { 0 };
        bool enabled;
        int r;

        r = config_file_read(path, &text);
        if (r < 0)
                return complain(path, r);
        r = nsswitch_parse(text, &hosts);
        if (r == -E2BIG)
                return complain(path, r);

        enabled = nsswitch_is_enabled(&hosts, nsswitch_modules(&hosts));
        if (o->json != JSON_OFF) {
                document = status_new(path, &hosts);
                r = document ? json_print(stdout, document, o->json) : -ENOMEM;
        } else
                print_status(o, path, &hosts);
        return r >= 0 && enabled ? EXIT_SUCCESS : EXIT_FAILED;
}

int verb_nss(const Options *o) {
        static const struct {
                const char *name;
                unsigned refused; /* OptionGroup, or'ed */
        } actions[] = {
                { "enable", OPTION_JSON | OPTION_LEGEND },
                { "disable", OPTION_JSON | OPTION_LEGEND | OPTION_VARIANT },
                { "status", OPTION_VARIANT },
        };
        const char *what = o->arguments[0], *path = o->file ?: "/etc/nsswitch.conf";
        size_t i = 0;

        while (i < ELEMENTS(actions) && strcmp(what, actions[i].name) != 0)
                i++;
        if (i == ELEMENTS(actions)) {
                fprintf(stderr, "libvirt-resolve: 'nss' takes enable, disable or status, not '%s'.\n", what);
                return EXIT_USAGE;
        }
        if (o->given & actions[i].refused) {
                fprintf(stderr, "libvirt-resolve: 'nss %s' doesn't take %s.\n", what,
                                options_name(o->given & actions[i].refused));
                return EXIT_USAGE;
        }
        if (strcmp(what, "status") == 0)
                return status(o, path);
        if (strcmp(what, "disable") == 0)
                return change(path, 0);
        return change(path, o->variants != 0 ? (unsigned) o->variants : VARIANT_LEASE | VARIANT_DOMAIN);
}
