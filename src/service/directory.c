/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The lease directory.  Each reading: take the stamps, list (the barrier), take
 * in the events, read the files that they name.
 */

#include "service/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <time.h>

#include "source/file-contents.h"
#include "index/reader.h"
#include "service/clock.h"
#include "service/log.h"
#include "service/freshness.h"

/* No CLOSE_WRITE: libvirt's helper opens a file for writing before every change
 * and writes nothing. */
#define DIRECTORY_MASK                                                                                       \
        (IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |      \
         IN_MOVE_SELF | IN_ONLYDIR)
#define PARENT_MASK (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

#define QUIET_USEC UINT64_C(20000)
#define QUIET_WHOLE_SECONDS_USEC UINT64_C(1100000)

/* From 0.1 s to a minute. */
#define RETRY_FIRST_USEC UINT64_C(100000)
#define RETRY_DOUBLINGS 9U

static LeaseFile *lease_file_free(LeaseFile *f) {
        if (!f)
                return NULL;
        free(f->name);
        free(f->error);
        document_unref(f->document);
        free(f);
        return NULL;
}
DEFINE_CLEANUP(LeaseFile *, lease_file_free);

int lease_directory_new(const char *path, LeaseDirectory **ret) {
        _cleanup_(lease_directory_freep) LeaseDirectory *d = NULL;
        sd_id128_t random;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        r = sd_id128_randomize(&random);
        if (r < 0)
                return r;
        memcpy(d->digest_key.bytes, random.bytes, sizeof(d->digest_key.bytes));
        d->watch = -1;
        d->rescan = d->never_read = true;
        d->path = strdup(path);
        if (!d->path)
                return -ENOMEM;

        d->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (d->inotify_fd < 0)
                log_warning("inotify is not to be had (%m): changes of %s are looked for at every lookup and "
                            "every second.", path);
        *ret = TAKE_PTR(d);
        return 0;
}

static void lease_directory_clear(LeaseDirectory *d) {
        for (size_t i = 0; i < d->n_files; i++)
                lease_file_free(d->files[i]);
        d->n_files = 0;
}

LeaseDirectory *lease_directory_free(LeaseDirectory *d) {
        if (!d)
                return NULL;
        lease_directory_clear(d);
        free(d->files);
        free(d->path);
        close_safe(d->inotify_fd);
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

/* ---- the files ---- */

static size_t lease_directory_position(const LeaseDirectory *d, const char *name) {
        size_t low = 0, high = d->n_files;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(d->files[middle]->name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const LeaseFile *lease_directory_find(const LeaseDirectory *d, const char *interface, FileType type) {
        char name[32];
        size_t i;

        (void) snprintf(name, sizeof(name), "%s%s", interface, file_kinds[type].suffix);
        i = lease_directory_position(d, name);
        return i < d->n_files && strcmp(d->files[i]->name, name) == 0 ? d->files[i] : NULL;
}

/* The file of that name, made where there is none yet; NULL in *ret for any other file's name. */
static int lease_directory_file(LeaseDirectory *d, const char *name, LeaseFile **ret) {
        _cleanup_(lease_file_freep) LeaseFile *f = NULL;
        const FileKind *kind;
        LeaseFile **files;
        size_t i, stem;

        *ret = NULL;
        kind = file_kind_find(name, &stem);
        if (!kind)
                return 0;
        i = lease_directory_position(d, name);
        if (i < d->n_files && strcmp(d->files[i]->name, name) == 0) {
                *ret = d->files[i];
                return 0;
        }
        if (d->n_files >= LEASE_DIRECTORY_FILES_MAX) {
                if (!d->said_ignored)
                        log_warning("%s has more than %u lease files: the others are ignored.", d->path,
                                        LEASE_DIRECTORY_FILES_MAX);
                d->ignores_files = d->said_ignored = true;
                return 0;
        }

        f = calloc(1, sizeof(*f));
        files = reallocarray(d->files, d->n_files + 1, sizeof(*files));
        if (files)
                d->files = files;
        if (!f || !files)
                return -ENOMEM;
        f->name = strdup(name);
        if (!f->name)
                return -ENOMEM;
        f->kind = kind;
        if (kind->stem == STEM_BRIDGE)
                memcpy(f->interface, name, stem);

        memmove(files + i + 1, files + i, (d->n_files - i) * sizeof(*files));
        files[i] = *ret = TAKE_PTR(f);
        d->n_files++;
        return 0;
}

static void lease_directory_drop(LeaseDirectory *d, size_t i) {
        if (d->ignores_files)
                d->rescan = true; /* one that was ignored has its place */
        lease_file_free(d->files[i]);
        d->n_files--;
        memmove(d->files + i, d->files + i + 1, (d->n_files - i) * sizeof(*d->files));
}

static void lease_file_log_error(const LeaseDirectory *d, LeaseFile *f, const char *text) {
        if (f->error && strcmp(f->error, text) == 0)
                return;
        free(f->error);
        f->error = strdup(text);
        log_line(LOG_WARNING, f->name, "%s/%s: %s; %s.", d->path, f->name, text,
                        f->document ? "its last good reading stays in force" : "it is ignored");
}

/* Whether two readings have the same to complain of, entries apart: these move as leases come and go. */
static bool problems_equal(const Problems *a, const Problems *b) {
        if (a->n_problems != b->n_problems)
                return false;
        for (size_t i = 0; i < MIN2(a->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                if (a->described[i].key != b->described[i].key ||
                    a->described[i].expected != b->described[i].expected)
                        return false;
        return true;
}

/* Says what is wrong in a document, unless the one before had the same. */
static void lease_file_report(const LeaseDirectory *d, const LeaseFile *f, const Problems *problems,
                const Problems *before) {
        if (before && problems_equal(problems, before))
                return;
        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++) {
                char text[256];

                log_line(LOG_NOTICE, f->name, "%s/%s: %s.", d->path, f->name,
                                problem_format(problems->described + i, text, sizeof(text)));
        }
        if (problems->n_problems > DOCUMENT_PROBLEMS_MAX)
                log_line(LOG_NOTICE, f->name, "%s/%s: and %zu more of the kind.", d->path, f->name,
                                problems->n_problems - DOCUMENT_PROBLEMS_MAX);
}

/* Parses the bytes of a reading, and replaces the document of the one before. */
static int lease_file_parse(LeaseDirectory *d, LeaseFile *f, const char *data, size_t size, uint64_t digest) {
        _cleanup_(document_unrefp) Document *document = NULL;
        DocumentError error = { 0 };
        char text[256];
        int r;

        d->n_parsed++;
        r = document_parse(f->kind, data, size, digest, &document, &error);
        if (r == -EBADMSG) {
                if (error.line > 0)
                        (void) snprintf(text, sizeof(text), "line %d, column %d: %s", error.line, error.column,
                                        error.text);
                else
                        (void) snprintf(text, sizeof(text), "%s", error.text);
                lease_file_log_error(d, f, text);
        }
        if (r < 0)
                return r;

        lease_file_report(d, f, document_problems(document), f->document ? document_problems(f->document) : NULL);
        document_unref(f->document);
        f->document = TAKE_PTR(document);
        return 0;
}

/* What passes, and says nothing about the file that it kept from being read. */
static bool error_is_shortage(int error) {
        return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

/* Reads one file anew.  Returns 1 where what it says changed, 0, or a negative
 * errno: -ENOENT where it is gone, or a shortage. */
/* What the file is, rather than whether it can be read: only a change of the directory mends that. */
static bool error_is_of_the_file(int error) {
        return error == -EBADFD || error == -EFBIG || error == -ELOOP;
}

/* The file is there, but can't be opened or read (now). */
#define FILE_UNREADABLE 2

static int lease_file_read(LeaseDirectory *d, LeaseFile *f, int dir_fd) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        bool had_error = f->error;
        size_t size = 0;
        uint64_t digest;
        int r;

        r = file_contents_read(dir_fd, f->name, &data, &size, &error);
        if (r == -ENOENT || error_is_shortage(r))
                return r;
        if (r < 0) {
                lease_file_log_error(d, f, error.text);
                return error_is_of_the_file(r) ? 0 : FILE_UNREADABLE;
        }

        digest = document_digest(&d->digest_key, data, size);
        if (f->document && f->document->digest == digest)
                r = 0;
        else {
                r = lease_file_parse(d, f, data, size, digest);
                if (r == -EBADMSG)
                        return 0;
                if (r < 0)
                        return r;
                r = 1;
        }

        if (had_error)
                log_line(LOG_NOTICE, f->name, "%s/%s: readable again.", d->path, f->name);
        free(f->error);
        f->error = NULL;
        f->read_usec = clock_usec(CLOCK_REALTIME);
        return r;
}

/* ---- the events ---- */

/* Returns whether the event may mean a change. */
static bool lease_directory_handle(LeaseDirectory *d, const struct inotify_event *e) {
        LeaseFile *f;

        if (e->mask & IN_Q_OVERFLOW) {
                log_debug("The queue of file events overflowed; reading everything again.");
                d->rescan = d->in_place = true;
                return true;
        }
        if (e->wd != d->watch)
                return false;
        if (e->mask & IN_IGNORED)
                d->watch = -1;
        if (d->watches_parent || (e->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF))) {
                d->rescan = true;
                return true;
        }
        if (e->len == 0)
                return true; /* the directory's own attributes */

        if (lease_directory_file(d, e->name, &f) < 0)
                d->rescan = true;
        if (f)
                f->dirty = true;
        if (f && (e->mask & IN_MODIFY))
                d->in_place = true;
        /* Whichever file came or went, the stamps moved on. */
        return f || !(e->mask & (IN_MODIFY | IN_ATTRIB));
}

bool lease_directory_drain(LeaseDirectory *d) {
        union {
                struct inotify_event event;
                char bytes[16 * 1024];
        } buffer;
        bool changed = false;

        while (d->inotify_fd >= 0) {
                ssize_t n = read(d->inotify_fd, buffer.bytes, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                for (char *p = buffer.bytes; p < buffer.bytes + n;) {
                        const struct inotify_event *e = (const struct inotify_event *) (void *) p;

                        changed = lease_directory_handle(d, e) || changed;
                        p += sizeof(*e) + e->len;
                }
                /* What didn't fill the buffer was all there was. */
                if ((size_t) n < sizeof(buffer) - sizeof(struct inotify_event) - NAME_MAX - 1)
                        break;
        }
        return changed;
}

/* ---- the watch ---- */

static void lease_directory_unwatch(LeaseDirectory *d) {
        if (d->watch >= 0 && d->inotify_fd >= 0)
                (void) inotify_rm_watch(d->inotify_fd, d->watch);
        d->watch = -1;
}

static int lease_directory_set_watch(LeaseDirectory *d, const char *path, bool parent) {
        int wd;

        if (d->inotify_fd < 0)
                return -ENOTSUP;
        wd = inotify_add_watch(d->inotify_fd, path, parent ? PARENT_MASK : DIRECTORY_MASK);
        if (wd < 0)
                return -errno;
        if (wd != d->watch)
                lease_directory_unwatch(d);
        d->watch = wd;
        d->watches_parent = parent;
        return 0;
}

/* Watches the nearest parent that there is and that lets itself be watched.  Returns the length of its path;
 * 0: none. */
static size_t lease_directory_watch_nearest(LeaseDirectory *d) {
        _cleanup_(freep) char *path = NULL;
        int r;

        d->unwatchable = false;
        path = strdup(d->path);
        for (char *slash; path && (slash = strrchr(path, '/'));) {
                if (slash == path)
                        slash++;
                *slash = '\0';
                r = lease_directory_set_watch(d, path, true);
                if (r >= 0)
                        return strlen(path);
                d->unwatchable = d->unwatchable || (r != -ENOENT && r != -ENOTDIR);
                if (path[1] == '\0')
                        break;
        }
        return 0;
}

/* Sees to it that the directory's coming is seen. */
static void lease_directory_watch_parent(LeaseDirectory *d) {
        struct stat st;

        /* What was watched until now isn't at the path any more. */
        if (!d->watches_parent)
                lease_directory_unwatch(d);
        /* While the watch was set a nearer one may have come. */
        for (size_t last = SIZE_MAX, n; (n = lease_directory_watch_nearest(d)) != last;)
                last = n;
        /* It came while no watch would have told. */
        if (stat(d->path, &st) >= 0 && d->error == -ENOENT)
                d->rescan = true;
}

/* ---- reading ---- */

/* A listing, for the sake of the directory's lock alone. */
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

/* Finds out which files there are, and distrusts each. */
static int lease_directory_list(LeaseDirectory *d, int fd) {
        DIR *dir;
        int r = 0, copy;

        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        dir = copy < 0 ? NULL : fdopendir(copy);
        if (!dir) {
                r = -errno;
                close_safe(copy);
                return r;
        }

        for (size_t i = 0; i < d->n_files; i++)
                d->files[i]->listed = false;
        d->ignores_files = false;
        for (;;) {
                struct dirent *e;
                LeaseFile *f;

                errno = 0;
                e = readdir(dir);
                r = e ? 0 : -errno;
                if (!e)
                        break;
                r = lease_directory_file(d, e->d_name, &f);
                if (r < 0)
                        break;
                if (f)
                        f->listed = f->dirty = true;
        }
        closedir(dir);
        return r;
}

/* Drops the files that weren't there at the listing. */
static void lease_directory_drop_unlisted(LeaseDirectory *d) {
        for (size_t i = d->n_files; i-- > 0;)
                if (!d->files[i]->listed) {
                        d->news = true;
                        lease_directory_drop(d, i);
                }
}

static int lease_directory_rescan(LeaseDirectory *d, int fd) {
        int r;

        (void) lseek(fd, 0, SEEK_SET);
        r = lease_directory_list(d, fd);
        if (r < 0)
                return r;
        d->said_ignored = d->ignores_files;
        d->rescan = false;
        lease_directory_drop_unlisted(d);
        return 0;
}

/* Reads the files that may have changed. */
static int lease_directory_read_files(LeaseDirectory *d, int fd) {
        bool unreadable = false;

        for (size_t i = 0; i < d->n_files;) {
                LeaseFile *f = d->files[i];
                int r = 0;

                if (f->dirty)
                        r = lease_file_read(d, f, fd);
                if (error_is_shortage(r))
                        return r;
                f->dirty = r == FILE_UNREADABLE;
                unreadable = unreadable || f->dirty;
                if (r == -ENOENT) {
                        d->news = d->news || f->document;
                        lease_directory_drop(d, i);
                        continue;
                }
                d->news = d->news || r == 1;
                i++;
        }
        d->n_unreadable = unreadable ? d->n_unreadable + 1 : 0;
        return 0;
}

uint64_t lease_directory_retry_usec(const LeaseDirectory *d) {
        return d->n_unreadable == 0 ? 0 : RETRY_FIRST_USEC << MIN2(d->n_unreadable - 1, RETRY_DOUBLINGS);
}

static void lease_directory_lost(LeaseDirectory *d, int error) {
        if (d->error != error) {
                if (error == -ENOENT)
                        log_notice("The lease directory %s doesn't exist (yet).", d->path);
                else
                        log_warning("The lease directory %s can't be read: %s.", d->path, strerror(-error));
                d->news = true;
        }
        lease_directory_clear(d);
        d->error = error;
        d->rescan = false; /* whatever comes has other stamps */
        d->stamps = (StatSignature) { 0 };
        lease_directory_watch_parent(d);
}

static void lease_directory_found(LeaseDirectory *d) {
        if (d->error == 0)
                return;
        log_notice("The lease directory %s is there.", d->path);
        d->error = 0;
        d->news = true;
}

/* What a reading returns that is done. */
static int lease_directory_tell(LeaseDirectory *d) {
        bool news = d->news || d->never_read;

        d->news = d->never_read = false;
        return news;
}

static void lease_directory_take_stamps(LeaseDirectory *d, const struct stat *st) {
        StatSignature stamps;

        stat_signature(st, &stamps);
        if (memcmp(&stamps, &d->stamps, sizeof(stamps)) == 0)
                return;
        if (stamps.device != d->stamps.device || stamps.inode != d->stamps.inode)
                d->rescan = true;
        d->stamps = stamps;
        d->stamps_usec = clock_usec(CLOCK_MONOTONIC);
}

/* Makes sure that the watch is on the very directory that is open. */
static void lease_directory_watch(LeaseDirectory *d, const struct stat *opened) {
        struct stat st;
        int r;

        if (d->watch >= 0 && !d->watches_parent && !d->rescan)
                return;
        d->rescan = true; /* until now nothing told which files changed */
        r = lease_directory_set_watch(d, d->path, false);
        if (r < 0 && r != -ENOTSUP && !d->unwatchable)
                log_warning("%s can't be watched (%s): changes are looked for at every lookup and every second.",
                                d->path, strerror(-r));
        d->unwatchable = r < 0;
        if (r < 0 || stat(d->path, &st) < 0 || st.st_dev != opened->st_dev || st.st_ino != opened->st_ino)
                lease_directory_unwatch(d);
}

/* Lists, where that is needed, and reads.  Files that are listed and then aren't there leave their places to
 * ones that were ignored: once, as links that lead nowhere would do so for ever. */
static int lease_directory_read_all(LeaseDirectory *d, int fd) {
        int r = 0;

        for (int round = 0; r >= 0 && (round == 0 || d->rescan); round++) {
                if (d->rescan)
                        r = lease_directory_rescan(d, fd);
                if (r >= 0)
                        r = lease_directory_read_files(d, fd);
                if (r >= 0 && round > 0)
                        d->rescan = false;
        }
        return r;
}

int lease_directory_read(LeaseDirectory *d) {
        _cleanup_(closep) int fd = -1;
        struct stat st;
        int r;

        d->begun = instant_now();
        fd = directory_open(d->path, &st);
        if (error_is_shortage(fd))
                return fd;
        if (fd < 0) {
                lease_directory_lost(d, fd == -ENOTDIR ? -ENOENT : fd);
                return lease_directory_tell(d);
        }

        lease_directory_found(d);
        lease_directory_take_stamps(d, &st);
        lease_directory_watch(d, &st);
        directory_pass_barrier(fd);
        (void) lease_directory_drain(d);
        r = lease_directory_read_all(d, fd);
        return r < 0 ? r : lease_directory_tell(d);
}

static bool lease_directory_is_dirty(const LeaseDirectory *d) {
        for (size_t i = 0; i < d->n_files; i++)
                if (d->files[i]->dirty)
                        return true;
        return d->rescan;
}

bool lease_directory_is_stale(const LeaseDirectory *d) {
        StatSignature stamps;
        struct stat st;

        if (!FRESHNESS_CHECK(STEP_STAT))
                return d->never_read || lease_directory_is_dirty(d);
        /* Stamps alone don't tell of a second change in the same tick. */
        if (d->watch < 0 && d->error == 0)
                return true;
        if (stat(d->path, &st) < 0)
                return d->never_read || d->rescan || d->error != (errno == ENOTDIR ? -ENOENT : -errno);
        stat_signature(&st, &stamps);
        return memcmp(&stamps, &d->stamps, sizeof(stamps)) != 0 || lease_directory_is_dirty(d);
}

/* ---- publishing ---- */

uint64_t lease_directory_quiet_usec(const StatSignature *stamps) {
        struct timespec resolution = { 0 };
        uint64_t tick;

        if (!FRESHNESS_CHECK(STEP_QUIET))
                return 0;
        if (stamps->inode != 0 && stamps->mtime_nsec == 0 && stamps->ctime_nsec == 0)
                return QUIET_WHOLE_SECONDS_USEC;
        (void) clock_getres(CLOCK_REALTIME_COARSE, &resolution);
        tick = (uint64_t) resolution.tv_nsec / 1000;
        return MAX2(QUIET_USEC, 5 * tick);
}

static int64_t stamps_newest_usec(const StatSignature *s) {
        return MAX2(s->mtime_sec * 1000000 + s->mtime_nsec / 1000, s->ctime_sec * 1000000 + s->ctime_nsec / 1000);
}

/* How much longer the directory has to rest, µs.  A stamp in the future (the clock was
 * set back) tells nothing: then it is long enough since the stamps were first seen. */
static uint64_t lease_directory_racy_usec(const LeaseDirectory *d, Instant at) {
        uint64_t quiet = lease_directory_quiet_usec(&d->stamps);
        int64_t age = at.realtime - stamps_newest_usec(&d->stamps);

        if (age < 0)
                age = (int64_t) (at.monotonic - d->stamps_usec);
        return (uint64_t) age >= quiet ? 0 : quiet - (uint64_t) age;
}

int lease_directory_is_settled(LeaseDirectory *d, uint64_t *ret_usec) {
        Instant now = instant_now();
        _cleanup_(closep) int fd = -1;
        StatSignature stamps;
        struct stat st;

        *ret_usec = 0;
        fd = directory_open(d->path, &st);
        if (fd < 0)
                return 0;
        directory_pass_barrier(fd);
        (void) lease_directory_drain(d);

        stat_signature(&st, &stamps);
        if (memcmp(&stamps, &d->stamps, sizeof(stamps)) != 0 || lease_directory_is_dirty(d))
                return 0;
        /* Without a watch nothing tells of a second change in the stamps' tick while the files were
         * read: the rest has to come before that. */
        *ret_usec = lease_directory_racy_usec(d, now);
        return *ret_usec == 0 && (d->watch >= 0 || lease_directory_racy_usec(d, d->begun) == 0);
}
