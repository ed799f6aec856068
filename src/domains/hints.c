/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * New files of libvirt.
 */

#include "domains/hints.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "util/util.h"

#define PARENT_DIRECTORY "/run"
#define LIBVIRT_DIRECTORY PARENT_DIRECTORY "/libvirt"
#define GUESTS_DIRECTORY LIBVIRT_DIRECTORY "/qemu"

/* IN_ATTRIB: a directory became readable, or was deleted. */
#define WATCH_MASK (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

static bool is_guest(const char *name) {
        size_t n = strlen(name);

        /* driver.pid is libvirt's own. */
        return n > 4 && strcmp(name + n - 4, ".pid") == 0 && strcmp(name, "driver.pid") != 0;
}

/* "libvirt-sock-ro", or "virtqemud-sock-ro" of modular daemons. */
static bool is_socket(const char *name) {
        return strcmp(name, "libvirt-sock-ro") == 0 || strcmp(name, "virtqemud-sock-ro") == 0;
}

bool hints_guest_runs(void) {
        bool found = false;
        DIR *dir = opendir(GUESTS_DIRECTORY);

        if (!dir)
                return errno != ENOENT && errno != ENOTDIR;
        for (const struct dirent *e; !found && (e = readdir(dir));)
                found = is_guest(e->d_name);
        closedir(dir);
        return found;
}

static void hints_unwatch(Hints *hints, int *watch) {
        if (*watch >= 0)
                (void) inotify_rm_watch(hints->fd, *watch);
        *watch = -1;
}

/* Watches the existing directories, and their parent only while they are missing. */
static void hints_watch(Hints *hints) {
        hints->directory_watch = inotify_add_watch(hints->fd, LIBVIRT_DIRECTORY, WATCH_MASK);
        if (hints->directory_watch < 0)
                hints->parent_watch = inotify_add_watch(hints->fd, PARENT_DIRECTORY, WATCH_MASK);
        else
                hints_unwatch(hints, &hints->parent_watch);
        /* It may have been created before its parent was watched. */
        if (hints->directory_watch < 0)
                hints->directory_watch = inotify_add_watch(hints->fd, LIBVIRT_DIRECTORY, WATCH_MASK);
        hints->guests_watch = inotify_add_watch(hints->fd, GUESTS_DIRECTORY, WATCH_MASK);
}

int hints_open(Hints *hints) {
        hints->directory_watch = hints->parent_watch = hints->guests_watch = -1;
        hints->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (hints->fd < 0)
                return -errno;
        hints_watch(hints);
        return 0;
}

void hints_done(Hints *hints) {
        hints->fd = close_safe(hints->fd);
}

/* Sets *watch_again if the directories must be watched again. */
static unsigned hints_take(const Hints *hints, const struct inotify_event *e, bool *watch_again) {
        if (e->mask & IN_Q_OVERFLOW) {
                *watch_again = true;
                return HINT_GUEST | HINT_SOCKET;
        }
        if (e->wd == hints->guests_watch && e->len > 0)
                return is_guest(e->name) ? HINT_GUEST : 0;
        if (e->wd == hints->directory_watch && e->len > 0 && !(e->mask & IN_ISDIR))
                return is_socket(e->name) ? HINT_SOCKET : 0;
        *watch_again = true;
        return 0;
}

unsigned hints_drain(Hints *hints) {
        union {
                struct inotify_event event;
                char bytes[16 * 1024];
        } buffer;
        bool watch_again = false;
        unsigned kinds = 0;
        ssize_t n;

        while ((n = read(hints->fd, buffer.bytes, sizeof(buffer))) > 0)
                for (char *p = buffer.bytes; p < buffer.bytes + n;) {
                        const struct inotify_event *e = (const struct inotify_event *) (void *) p;

                        kinds |= hints_take(hints, e, &watch_again);
                        p += sizeof(*e) + e->len;
                }
        if (watch_again) {
                hints_watch(hints);
                /* Files created before the watch caused no event. */
                kinds |= hints_guest_runs() ? HINT_GUEST : 0;
        }
        return kinds;
}
