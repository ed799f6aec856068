/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/file-set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "service/clock.h"
#include "service/log.h"
#include "source/file-contents.h"
#include "util/util.h"

/* The file exists, but can't be opened or read now. */
#define FILE_UNREADABLE 2

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

int file_set_init(FileSet *set, const char *directory) {
        sd_id128_t random;
        int r;

        *set = (FileSet) { .directory = directory };
        r = sd_id128_randomize(&random);
        if (r < 0)
                return r;
        memcpy(set->digest_key.bytes, random.bytes, sizeof(set->digest_key.bytes));
        return 0;
}

void file_set_clear(FileSet *set) {
        for (size_t i = 0; i < set->n_files; i++)
                lease_file_free(set->files[i]);
        set->n_files = 0;
}

void file_set_done(FileSet *set) {
        file_set_clear(set);
        free(set->files);
}

static void closedir_pointer(DIR **dir) {
        if (*dir)
                (void) closedir(*dir);
}

/* ---- files by name ---- */

static size_t file_set_position(const FileSet *set, const char *name) {
        size_t low = 0, high = set->n_files;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(set->files[middle]->name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const LeaseFile *file_set_find(const FileSet *set, const char *interface, FileType type) {
        char name[32];
        size_t i;

        (void) snprintf(name, sizeof(name), "%s%s", interface, file_kinds[type].suffix);
        i = file_set_position(set, name);
        return i < set->n_files && strcmp(set->files[i]->name, name) == 0 ? set->files[i] : NULL;
}

/* The file of that name; added if it is new.  *ret is NULL if no kind of lease file has such a name. */
static int file_set_file(FileSet *set, const char *name, LeaseFile **ret) {
        _cleanup_(lease_file_freep) LeaseFile *f = NULL;
        const FileKind *kind;
        LeaseFile **files;
        size_t i, stem;

        *ret = NULL;
        kind = file_kind_find(name, &stem);
        if (!kind)
                return 0;
        i = file_set_position(set, name);
        if (i < set->n_files && strcmp(set->files[i]->name, name) == 0) {
                *ret = set->files[i];
                return 0;
        }
        if (set->n_files >= LEASE_DIRECTORY_FILES_MAX) {
                if (!set->ignores_reported)
                        log_warning("%s has more than %u lease files: the others are ignored.",
                                        set->directory, LEASE_DIRECTORY_FILES_MAX);
                set->ignores_files = set->ignores_reported = true;
                return 0;
        }

        f = calloc(1, sizeof(*f));
        files = reallocarray(set->files, set->n_files + 1, sizeof(*files));
        if (files)
                set->files = files;
        if (!f || !files)
                return -ENOMEM;
        f->name = strdup(name);
        if (!f->name)
                return -ENOMEM;
        f->kind = kind;
        if (kind->stem == STEM_BRIDGE)
                memcpy(f->interface, name, stem);

        memmove(files + i + 1, files + i, (set->n_files - i) * sizeof(*files));
        files[i] = *ret = TAKE_PTR(f);
        set->n_files++;
        return 0;
}

int file_set_mark(FileSet *set, const char *name) {
        LeaseFile *f;
        int r;

        r = file_set_file(set, name, &f);
        if (r < 0 || !f)
                return r;
        f->dirty = f->listed = true;
        return 1;
}

bool file_set_is_dirty(const FileSet *set) {
        for (size_t i = 0; i < set->n_files; i++)
                if (set->files[i]->dirty)
                        return true;
        return false;
}

static void file_set_drop(FileSet *set, size_t i) {
        if (set->ignores_files)
                set->incomplete = true;
        lease_file_free(set->files[i]);
        set->n_files--;
        memmove(set->files + i, set->files + i + 1, (set->n_files - i) * sizeof(*set->files));
}

/* ---- reading a file ---- */

static void lease_file_log_error(const FileSet *set, LeaseFile *f, const char *text) {
        if (f->error && strcmp(f->error, text) == 0)
                return;
        free(f->error);
        f->error = strdup(text);
        log_line(LOG_WARNING, f->name, "%s/%s: %s; %s.", set->directory, f->name, text,
                        f->document ? "its last good reading stays in force" : "it is ignored");
}

/* Whether two readings have the same problems.  Their entries' numbers are ignored: these shift as leases
 * come and go. */
static bool problems_equal(const Problems *a, const Problems *b) {
        if (a->n_problems != b->n_problems)
                return false;
        for (size_t i = 0; i < MIN2(a->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                if (a->described[i].key != b->described[i].key ||
                                a->described[i].expected != b->described[i].expected)
                        return false;
        return true;
}

/* Logs the problems of a document, unless the previous document had the same. */
static void lease_file_report(const FileSet *set, const LeaseFile *f, const Problems *problems,
                const Problems *before) {
        if (before && problems_equal(problems, before))
                return;
        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++) {
                char text[256];

                log_line(LOG_NOTICE, f->name, "%s/%s: %s.", set->directory, f->name,
                                problem_format(problems->described + i, text, sizeof(text)));
        }
        if (problems->n_problems > DOCUMENT_PROBLEMS_MAX)
                log_line(LOG_NOTICE, f->name, "%s/%s: and %zu more of the kind.", set->directory, f->name,
                                problems->n_problems - DOCUMENT_PROBLEMS_MAX);
}

/* Parses the bytes of a reading, and replaces the previous document. */
static int lease_file_parse(FileSet *set, LeaseFile *f, const char *data, size_t size, uint64_t digest) {
        _cleanup_(document_unrefp) Document *document = NULL;
        DocumentError error = { 0 };
        char text[256];
        int r;

        set->n_parsed++;
        r = document_parse(f->kind, data, size, digest, &document, &error);
        if (r == -EBADMSG) {
                if (error.line > 0)
                        (void) snprintf(text, sizeof(text), "line %d, column %d: %s", error.line,
                                        error.column, error.text);
                else
                        (void) snprintf(text, sizeof(text), "%s", error.text);
                lease_file_log_error(set, f, text);
        }
        if (r < 0)
                return r;

        lease_file_report(set, f, document_problems(document),
                        f->document ? document_problems(f->document) : NULL);
        document_unref(f->document);
        f->document = TAKE_PTR(document);
        return 0;
}

/* Reads one file again.  Returns 1 if its content changed, 0, FILE_UNREADABLE, or a negative errno: -ENOENT
 * if it doesn't exist, or a shortage of memory or descriptors. */
static int lease_file_read(FileSet *set, LeaseFile *f, int dir_fd) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        bool had_error = f->error;
        size_t size = 0;
        uint64_t digest;
        int r;

        r = file_contents_read(dir_fd, f->name, &data, &size, &error);
        if (r == -ENOENT || file_error_is_shortage(r))
                return r;
        if (r < 0) {
                lease_file_log_error(set, f, error.text);
                return file_error_lasts(r) ? 0 : FILE_UNREADABLE;
        }

        digest = document_digest(&set->digest_key, data, size);
        if (f->document && f->document->digest == digest)
                r = 0;
        else {
                r = lease_file_parse(set, f, data, size, digest);
                if (r == -EBADMSG)
                        return 0;
                if (r < 0)
                        return r;
                r = 1;
        }

        if (had_error)
                log_line(LOG_NOTICE, f->name, "%s/%s: readable again.", set->directory, f->name);
        free(f->error);
        f->error = NULL;
        f->read_usec = clock_usec(CLOCK_REALTIME);
        return r;
}

/* ---- all files ---- */

/* Drops the files that the last listing didn't have. */
static void file_set_drop_unlisted(FileSet *set) {
        for (size_t i = set->n_files; i-- > 0;)
                if (!set->files[i]->listed) {
                        set->changed = true;
                        file_set_drop(set, i);
                }
}

int file_set_list(FileSet *set, int dir_fd) {
        _cleanup_(closedir_pointer) DIR *dir = NULL;
        int r, copy;

        (void) lseek(dir_fd, 0, SEEK_SET);
        copy = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
        dir = copy < 0 ? NULL : fdopendir(copy);
        if (!dir) {
                r = -errno;
                close_safe(copy);
                return r;
        }

        for (size_t i = 0; i < set->n_files; i++)
                set->files[i]->listed = false;
        set->ignores_files = false;
        for (struct dirent *e; errno = 0, (e = readdir(dir));) {
                r = file_set_mark(set, e->d_name);
                if (r < 0)
                        return r;
        }
        if (errno != 0)
                return -errno;
        set->ignores_reported = set->ignores_files;
        set->incomplete = false;
        file_set_drop_unlisted(set);
        return 0;
}

int file_set_read(FileSet *set, int dir_fd) {
        bool unreadable = false;

        for (size_t i = 0; i < set->n_files;) {
                LeaseFile *f = set->files[i];
                int r = 0;

                if (f->dirty)
                        r = lease_file_read(set, f, dir_fd);
                if (file_error_is_shortage(r))
                        return r;
                f->dirty = r == FILE_UNREADABLE;
                unreadable = unreadable || f->dirty;
                if (r == -ENOENT) {
                        set->changed = set->changed || f->document;
                        file_set_drop(set, i);
                        continue;
                }
                set->changed = set->changed || r == 1;
                i++;
        }
        set->n_unreadable = unreadable ? set->n_unreadable + 1 : 0;
        return 0;
}
