/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/dirwatch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "service/log.h"
#include "util/util.h"

/* No CLOSE_WRITE: libvirt's helper opens a file for writing before every change, without writing to it. */
#define DIRECTORY_MASK                                                                                       \
        (IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |      \
                        IN_MOVE_SELF | IN_ONLYDIR)
#define PARENT_MASK (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

void dirwatch_init(DirWatch *w, const char *path) {
        *w = (DirWatch) { .wd = -1 };
        w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (w->inotify_fd < 0)
                log_warning("There is no inotify (%m): changes of %s are looked for at every lookup and "
                            "every "
                            "second.",
                                path);
}

void dirwatch_done(DirWatch *w) {
        w->inotify_fd = close_safe(w->inotify_fd);
        w->wd = -1;
}

void dirwatch_remove(DirWatch *w) {
        if (w->wd >= 0 && w->inotify_fd >= 0)
                (void) inotify_rm_watch(w->inotify_fd, w->wd);
        w->wd = -1;
}

static int dirwatch_set(DirWatch *w, const char *path, bool parent) {
        int wd;

        if (w->inotify_fd < 0)
                return -ENOTSUP;
        wd = inotify_add_watch(w->inotify_fd, path, parent ? PARENT_MASK : DIRECTORY_MASK);
        if (wd < 0)
                return -errno;
        if (wd != w->wd)
                dirwatch_remove(w);
        w->wd = wd;
        w->on_parent = parent;
        return 0;
}

int dirwatch_add(DirWatch *w, const char *path) {
        bool refused_before = w->refused;
        int r;

        r = dirwatch_set(w, path, false);
        w->refused = r < 0;
        if (r >= 0)
                return 0;
        if (r != -ENOTSUP && !refused_before)
                log_warning("%s can't be watched (%s): changes are looked for at every lookup and every "
                            "second.",
                                path, strerror(-r));
        dirwatch_remove(w);
        return r;
}

/* Watches the nearest parent that exists and can be watched.  Returns the length of its path; 0: none. */
static size_t dirwatch_add_nearest(DirWatch *w, const char *directory) {
        _cleanup_(freep) char *path = strdup(directory);
        int r;

        w->refused = false;
        for (char *slash; path && (slash = strrchr(path, '/'));) {
                if (slash == path)
                        slash++;
                *slash = '\0';
                r = dirwatch_set(w, path, true);
                if (r >= 0)
                        return strlen(path);
                w->refused = w->refused || (r != -ENOENT && r != -ENOTDIR);
                if (path[1] == '\0')
                        break;
        }
        return 0;
}

void dirwatch_add_parent(DirWatch *w, const char *path) {
        /* The directory watched until now isn't at the path any more. */
        if (!w->on_parent)
                dirwatch_remove(w);
        /* A nearer parent may have been created while the watch was set. */
        for (size_t last = SIZE_MAX, n; (n = dirwatch_add_nearest(w, path)) != last;)
                last = n;
}

/* ---- events ---- */

static bool dirwatch_handle(DirWatch *w, const struct inotify_event *e, DirEventHandler handler,
                void *userdata) {
        if (e->mask & IN_Q_OVERFLOW)
                return handler(DIR_EVENTS_LOST, NULL, userdata);
        if (e->wd != w->wd)
                return false;
        if (e->mask & IN_IGNORED)
                w->wd = -1;
        if (w->on_parent || (e->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)))
                return handler(DIR_MOVED, NULL, userdata);
        if (e->len == 0)
                return handler(DIR_ATTRIBUTES, NULL, userdata);
        return handler(e->mask & IN_MODIFY  ? DIR_FILE_WRITTEN :
                        e->mask & IN_ATTRIB ? DIR_FILE_ATTRIBUTES :
                                              DIR_FILE_REPLACED,
                        e->name, userdata);
}

bool dirwatch_drain(DirWatch *w, DirEventHandler handler, void *userdata) {
        union {
                struct inotify_event event;
                char bytes[16 * 1024];
        } buffer;
        bool changed = false;

        while (w->inotify_fd >= 0) {
                ssize_t n = read(w->inotify_fd, buffer.bytes, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                for (char *p = buffer.bytes; p < buffer.bytes + n;) {
                        const struct inotify_event *e = (const struct inotify_event *) (void *) p;

                        changed = dirwatch_handle(w, e, handler, userdata) || changed;
                        p += sizeof(*e) + e->len;
                }
                /* The buffer isn't full, so there are no more events. */
                if ((size_t) n < sizeof(buffer) - sizeof(struct inotify_event) - NAME_MAX - 1)
                        break;
        }
        return changed;
}
