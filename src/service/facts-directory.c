/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A directory in which a helper states facts.  The helper replaces its files by rename, which changes the
 * directory's stat signature; a second rename within the same tick doesn't, but inotify reports it.
 */

#include "service/facts-directory.h"

#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "index/reader.h"
#include "service/log.h"

struct FactsDirectory {
        sd_event *event;
        char *path;
        FactsChanged changed;
        void *userdata;
        sd_event_source *directory_source; /* NULL: the directory doesn't exist */
        sd_event_source *parent_source;
        StatSignature signature; /* at the last check; all 0: it didn't exist */
        bool has_changed;
};

static int on_directory(sd_event_source *s, const struct inotify_event *e, void *userdata) {
        FactsDirectory *d = userdata;

        d->has_changed = true;
        if (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
                d->directory_source = sd_event_source_disable_unref(d->directory_source);
        d->changed(d->userdata);
        return 0;
}

static void watch_directory(FactsDirectory *d) {
        int r;

        if (d->directory_source)
                return;
        r = sd_event_add_inotify(d->event, &d->directory_source, d->path,
                        IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR, on_directory,
                        d);
        if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                log_warning("%s can't be watched (%s): the next lookup notices its changes.", d->path,
                                strerror(-r));
}

static int on_parent(sd_event_source *s, const struct inotify_event *e, void *userdata) {
        FactsDirectory *d = userdata;

        if (e->len == 0 || strcmp(e->name, strrchr(d->path, '/') + 1) != 0)
                return 0;
        d->has_changed = true;
        watch_directory(d);
        d->changed(d->userdata);
        return 0;
}

static int watch_parent(FactsDirectory *d) {
        _cleanup_(freep) char *parent = strdup(d->path);
        char *slash;
        int r;

        if (!parent)
                return -ENOMEM;
        slash = strrchr(parent, '/');
        slash[slash == parent] = '\0';
        r = sd_event_add_inotify(d->event, &d->parent_source, parent,
                        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR, on_parent, d);
        return r == -ENOMEM ? r : 0; /* without a watch, the next lookup notices changes */
}

int facts_directory_new(sd_event *event, const char *path, FactsChanged changed, void *userdata,
                FactsDirectory **ret) {
        _cleanup_(facts_directory_freep) FactsDirectory *d = NULL;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->event = sd_event_ref(event);
        d->changed = changed;
        d->userdata = userdata;
        d->has_changed = true;
        d->path = strdup(path);
        if (!d->path)
                return -ENOMEM;
        r = watch_parent(d);
        if (r < 0)
                return r;
        watch_directory(d);
        *ret = TAKE_PTR(d);
        return 0;
}

FactsDirectory *facts_directory_free(FactsDirectory *d) {
        if (!d)
                return NULL;
        sd_event_source_disable_unref(d->directory_source);
        sd_event_source_disable_unref(d->parent_source);
        sd_event_unref(d->event);
        free(d->path);
        free(d);
        return NULL;
}

const char *facts_directory_path(const FactsDirectory *d) {
        return d->path;
}

bool facts_directory_has_changed(FactsDirectory *d) {
        StatSignature signature = { 0 };
        struct stat st;
        bool has_changed;

        if (stat(d->path, &st) >= 0)
                stat_signature(&st, &signature);
        has_changed = d->has_changed || memcmp(&signature, &d->signature, sizeof(signature)) != 0;
        d->signature = signature;
        d->has_changed = false;
        return has_changed;
}

void facts_directory_again(FactsDirectory *d) {
        d->has_changed = true;
}
