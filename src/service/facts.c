/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The helpers' files.  A helper replaces its file by rename, so the file's stat signature tells one version from
 * another.
 */

#include "service/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "index/reader.h"
#include "service/log.h"
#include "source/file-contents.h"

#define NETWORKS_FILE "networks.json"

struct Facts {
        sd_event *event;
        char *directory;
        FactsChanged changed;
        void *userdata;
        sd_event_source *directory_source; /* NULL: the directory isn't there */
        sd_event_source *parent_source;

        NetworkSuffixes networks;
        StatSignature signature; /* of the file that was read; all 0: there was none */
        bool reported;           /* that it is invalid */
};

/* ---- watching ---- */

static int on_directory(sd_event_source *s, const struct inotify_event *e, void *userdata) {
        Facts *f = userdata;

        if (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
                f->directory_source = sd_event_source_disable_unref(f->directory_source);
        f->changed(f->userdata);
        return 0;
}

static void facts_watch_directory(Facts *f) {
        int r;

        if (f->directory_source)
                return;
        r = sd_event_add_inotify(f->event, &f->directory_source, f->directory,
                        IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR, on_directory, f);
        if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                log_warning("%s can't be watched (%s): its changes are seen by the next lookup.", f->directory,
                                strerror(-r));
}

static int on_parent(sd_event_source *s, const struct inotify_event *e, void *userdata) {
        Facts *f = userdata;

        if (e->len == 0 || strcmp(e->name, strrchr(f->directory, '/') + 1) != 0)
                return 0;
        facts_watch_directory(f);
        f->changed(f->userdata);
        return 0;
}

static int facts_watch_parent(Facts *f) {
        _cleanup_(freep) char *parent = strdup(f->directory);
        char *slash;
        int r;

        if (!parent)
                return -ENOMEM;
        slash = strrchr(parent, '/');
        slash[slash == parent] = '\0';
        r = sd_event_add_inotify(f->event, &f->parent_source, parent,
                        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR, on_parent, f);
        return r == -ENOMEM ? r : 0; /* what isn't watched is seen by the next lookup */
}

/* ---- reading ---- */

static void facts_report(Facts *f, const char *text) {
        if (!f->reported)
                log_warning("%s/" NETWORKS_FILE ": %s; its last valid reading stays in force.", f->directory, text);
        f->reported = true;
}

static void facts_report_problems(const Facts *f, const Problems *problems) {
        char text[256];

        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                log_notice("%s/" NETWORKS_FILE ": %s.", f->directory,
                                problem_format(problems->described + i, text, sizeof(text)));
}

static int facts_read(Facts *f, const char *path) {
        NetworkSuffixes networks = { 0 };
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        size_t size = 0;
        int r;

        r = file_contents_read(AT_FDCWD, path, &data, &size, &error);
        if (r >= 0)
                r = networks_file_parse(data, size, &networks, &error);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                facts_report(f, error.text);
                return 0;
        }
        f->reported = false;
        facts_report_problems(f, &networks.problems);
        network_suffixes_done(&f->networks);
        f->networks = networks;
        return 1;
}

int facts_refresh(Facts *f) {
        StatSignature signature = { 0 };
        char path[PATH_MAX];
        struct stat st;
        bool is_there;
        int r = 0;

        if (snprintf(path, sizeof(path), "%s/" NETWORKS_FILE, f->directory) >= (int) sizeof(path))
                return 0;
        is_there = stat(path, &st) >= 0;
        if (is_there)
                stat_signature(&st, &signature);
        if (memcmp(&signature, &f->signature, sizeof(signature)) == 0)
                return 0;
        if (is_there)
                r = facts_read(f, path);
        else {
                r = f->networks.n > 0;
                network_suffixes_done(&f->networks);
        }
        if (r >= 0)
                f->signature = signature;
        return r;
}

const NetworkSuffixes *facts_networks(const Facts *f) {
        return &f->networks;
}

/* ---- ---- */

int facts_new(sd_event *event, const char *directory, FactsChanged changed, void *userdata, Facts **ret) {
        _cleanup_(facts_freep) Facts *f = NULL;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->changed = changed;
        f->userdata = userdata;
        f->directory = strdup(directory);
        if (!f->directory)
                return -ENOMEM;
        r = facts_watch_parent(f);
        if (r < 0)
                return r;
        facts_watch_directory(f);
        *ret = TAKE_PTR(f);
        return 0;
}

Facts *facts_free(Facts *f) {
        if (!f)
                return NULL;
        sd_event_source_disable_unref(f->directory_source);
        sd_event_source_disable_unref(f->parent_source);
        network_suffixes_done(&f->networks);
        sd_event_unref(f->event);
        free(f->directory);
        free(f);
        return NULL;
}
