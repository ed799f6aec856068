/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The lease directory.  A reading takes the stat signature, lists the directory (the barrier), handles the
 * events, and reads the files that they name.
 */

#include "service/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "index/reader.h"
#include "service/clock.h"
#include "service/log.h"
#include "source/file-contents.h"

int lease_directory_new(const char *path, LeaseDirectory **ret) {
        _cleanup_(lease_directory_freep) LeaseDirectory *d = NULL;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->watch.inotify_fd = -1;
        d->rescan = d->never_read = true;
        d->path = strdup(path);
        if (!d->path)
                return -ENOMEM;
        r = file_set_init(&d->files, d->path);
        if (r < 0)
                return r;
        dirwatch_init(&d->watch, path);
        *ret = TAKE_PTR(d);
        return 0;
}

LeaseDirectory *lease_directory_free(LeaseDirectory *d) {
        if (!d)
                return NULL;
        file_set_done(&d->files);
        dirwatch_done(&d->watch);
        free(d->path);
        free(d);
        return NULL;
}

void lease_directory_invalidate(LeaseDirectory *d) {
        d->rescan = true;
}

static Instant instant_now(void) {
        return (Instant) {
                .realtime = (int64_t) clock_usec(CLOCK_REALTIME_COARSE),
                .monotonic = clock_usec(CLOCK_MONOTONIC),
        };
}

/* The resolution of the clock for file times, in µs. */
static uint64_t tick_usec(void) {
        struct timespec resolution = { 0 };

        (void) clock_getres(CLOCK_REALTIME_COARSE, &resolution);
        return (uint64_t) resolution.tv_nsec / 1000;
}

/* ---- events ---- */

static bool on_event(DirEvent event, const char *name, void *userdata) {
        LeaseDirectory *d = userdata;
        int r = name ? file_set_mark(&d->files, name) : 0;

        switch (event) {
        case DIR_EVENTS_LOST:
                log_debug("The queue of file events overflowed; reading everything again.");
                d->in_place = true;
                d->rescan = true;
                return true;
        case DIR_MOVED:
                d->rescan = true;
                return true;
        case DIR_FILE_WRITTEN:
                d->in_place = d->in_place || r > 0;
                break;
        case DIR_ATTRIBUTES:
        case DIR_FILE_REPLACED: /* whatever its name: the signature changed */
        case DIR_FILE_ATTRIBUTES:
                break;
        }
        if (r < 0)
                d->rescan = true;
        return r != 0 || event == DIR_ATTRIBUTES || event == DIR_FILE_REPLACED;
}

bool lease_directory_drain(LeaseDirectory *d) {
        return dirwatch_drain(&d->watch, on_event, d);
}

/* ---- reading ---- */

/* Lists the directory only to pass through its lock. */
static void directory_pass_barrier(int fd) {
        char buffer[512];

        if (FRESHNESS_CHECK(STEP_BARRIER))
                (void) getdents64(fd, buffer, sizeof(buffer));
}

static int directory_open(const char *path, struct stat *ret_st) {
        _cleanup_(closep) int fd = -1;

        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fstat(fd, ret_st) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* Maps errors that mean that there is no directory at the path to -ENOENT. */
static int directory_error(int error) {
        return error == -ENOTDIR ? -ENOENT : error;
}

/* Handles a directory that can't be opened. */
static void lease_directory_lost(LeaseDirectory *d, int error) {
        struct stat st;

        if (d->reading.error != error) {
                if (error == -ENOENT)
                        log_notice("The lease directory %s doesn't exist (yet).", d->path);
                else
                        log_warning("The lease directory %s can't be read: %s.", d->path, strerror(-error));
                d->files.changed = true;
        }
        file_set_clear(&d->files);
        d->reading.error = error;
        d->reading.signature = (StatSignature) { 0 };
        d->rescan = false; /* a new directory has another signature */
        dirwatch_add_parent(&d->watch, d->path);
        /* It may have been created before the watch was set. */
        if (error == -ENOENT && stat(d->path, &st) >= 0)
                d->rescan = true;
}

static void lease_directory_found(LeaseDirectory *d) {
        if (d->reading.error == 0)
                return;
        log_notice("The lease directory %s is there.", d->path);
        d->reading.error = 0;
        d->files.changed = true;
}

static void lease_directory_take_signature(LeaseDirectory *d, const struct stat *st) {
        Reading *reading = &d->reading;
        StatSignature signature;

        stat_signature(st, &signature);
        if (memcmp(&signature, &reading->signature, sizeof(signature)) == 0)
                return;
        if (signature.device != reading->signature.device || signature.inode != reading->signature.inode)
                d->rescan = true;
        reading->signature = signature;
        reading->signature_usec = clock_usec(CLOCK_MONOTONIC);
}

/* Sets the watch, and checks that it watches the opened directory. */
static void lease_directory_watch(LeaseDirectory *d, const struct stat *opened) {
        struct stat st;

        if (dirwatch_is_on(&d->watch) && !d->rescan)
                return;
        d->rescan = true; /* no events so far: any file may have changed */
        if (dirwatch_add(&d->watch, d->path) >= 0 && (stat(d->path, &st) < 0 || st.st_dev != opened->st_dev ||
                                                                     st.st_ino != opened->st_ino))
                dirwatch_remove(&d->watch);
}

/* Lists the directory if necessary, and reads the files.  If listed files are gone, files that were ignored
 * can replace them: this is done once only, as it would never end with dangling links. */
static int lease_directory_read_files(LeaseDirectory *d, int fd) {
        int r;

        for (int round = 0; round < 2 && (round == 0 || d->files.incomplete); round++) {
                if (d->rescan || d->files.incomplete) {
                        r = file_set_list(&d->files, fd);
                        if (r < 0)
                                return r;
                        d->rescan = false;
                }
                r = file_set_read(&d->files, fd);
                if (r < 0)
                        return r;
        }
        d->files.incomplete = false;
        return 0;
}

/* The result of a finished reading. */
static int lease_directory_finish(LeaseDirectory *d) {
        bool changed = d->files.changed || d->never_read;

        d->files.changed = d->never_read = false;
        return changed;
}

int lease_directory_read(LeaseDirectory *d) {
        _cleanup_(closep) int fd = -1;
        struct stat st;
        int r;

        d->reading.started = instant_now();
        fd = directory_open(d->path, &st);
        if (file_error_is_shortage(fd))
                return fd;
        if (fd < 0) {
                lease_directory_lost(d, directory_error(fd));
                return lease_directory_finish(d);
        }

        lease_directory_found(d);
        lease_directory_take_signature(d, &st);
        lease_directory_watch(d, &st);
        directory_pass_barrier(fd);
        (void) lease_directory_drain(d);
        r = lease_directory_read_files(d, fd);
        return r < 0 ? r : lease_directory_finish(d);
}

uint64_t lease_directory_retry_usec(const LeaseDirectory *d) {
        return d->files.n_unreadable == 0 ? 0 : retry_pause_usec(d->files.n_unreadable);
}

/* ---- freshness ---- */

static bool lease_directory_is_dirty(const LeaseDirectory *d) {
        return d->rescan || d->never_read || d->files.incomplete || file_set_is_dirty(&d->files);
}

bool lease_directory_is_stale(const LeaseDirectory *d) {
        StatSignature now = { 0 };
        struct stat st;
        int error;

        error = stat(d->path, &st) < 0 ? directory_error(-errno) : 0;
        if (error == 0)
                stat_signature(&st, &now);
        return reading_is_stale(&d->reading, lease_directory_is_dirty(d), d->watch.wd >= 0, error, &now);
}

bool lease_directory_is_settled(LeaseDirectory *d, uint64_t *ret_usec) {
        Instant now = instant_now();
        _cleanup_(closep) int fd = -1;
        StatSignature signature;
        struct stat st;

        *ret_usec = 0;
        fd = directory_open(d->path, &st);
        if (fd < 0)
                return false;
        directory_pass_barrier(fd);
        (void) lease_directory_drain(d);

        stat_signature(&st, &signature);
        if (memcmp(&signature, &d->reading.signature, sizeof(signature)) != 0 || lease_directory_is_dirty(d))
                return false;
        return reading_is_settled(&d->reading, d->watch.wd >= 0, now, tick_usec(), ret_usec);
}

uint64_t lease_directory_quiet_usec(const LeaseDirectory *d) {
        return racy_window_usec(&d->reading.signature, tick_usec());
}
