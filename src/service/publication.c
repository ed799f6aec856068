/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The published index.
 */

#include "service/publication.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "index/reader.h"
#include "index/writer.h"
#include "util/util.h"

#define NEW_FILE_NAME "." INDEX_FILE_NAME ".new"

static int directory_open(const char *path) {
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int file_copy(int from, int to) {
        off_t offset = 0;

        for (;;) {
                ssize_t n = sendfile(to, from, &offset, 1 << 30);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
        }
}

/* Writes the new file next to the published one, and returns its stat(2) data. */
static int file_write(int dir_fd, int index_fd, const StatSignature *signature, struct stat *ret) {
        const struct timespec times[2] = {
                { .tv_nsec = UTIME_OMIT },
                { .tv_sec = signature->mtime_sec, .tv_nsec = signature->mtime_nsec },
        };
        _cleanup_(closep) int fd = -1;
        int r;

        (void) unlinkat(dir_fd, NEW_FILE_NAME, 0);
        fd = openat(dir_fd, NEW_FILE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        r = file_copy(index_fd, fd);
        if (r < 0)
                return r;
        if (fchmod(fd, 0644) < 0 || futimens(fd, times) < 0 || fstat(fd, ret) < 0)
                return -errno;
        return 0;
}

/* Determines the published file's signature.  The rename only changes its ctime; if somebody has written to
 * the file since, *ret is a signature that the file doesn't have. */
static void file_identify(int dir_fd, const struct stat *written, StatSignature *ret) {
        struct stat st;

        if (fstatat(dir_fd, INDEX_FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != written->st_ino ||
                        st.st_size != written->st_size || st.st_mtim.tv_sec != written->st_mtim.tv_sec ||
                        st.st_mtim.tv_nsec != written->st_mtim.tv_nsec)
                st = *written;
        stat_signature(&st, ret);
}

int publication_write(const char *runtime_directory, int index_fd, const StatSignature *signature,
                StatSignature *ret) {
        _cleanup_(closep) int dir_fd = -1;
        struct stat st;
        int r;

        dir_fd = directory_open(runtime_directory);
        if (dir_fd < 0)
                return dir_fd;

        r = file_write(dir_fd, index_fd, signature, &st);
        if (r >= 0 && renameat(dir_fd, NEW_FILE_NAME, dir_fd, INDEX_FILE_NAME) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(dir_fd, NEW_FILE_NAME, 0);
                return r;
        }
        file_identify(dir_fd, &st, ret);
        return 0;
}

int publication_write_state(const char *runtime_directory, IndexState state, StatSignature *ret) {
        const IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = state };
        _cleanup_(closep) int fd = -1;
        size_t dropped;
        int r;

        fd = memfd_create("names", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = index_write(fd, &meta, NULL, &dropped);
        if (r < 0)
                return r;
        return publication_write(runtime_directory, fd, &meta.signature, ret);
}

static int publication_path(const char *runtime_directory, char path[static PATH_MAX]) {
        return snprintf(path, PATH_MAX, "%s/" INDEX_FILE_NAME, runtime_directory) < PATH_MAX ? 0 :
                                                                                               -ENAMETOOLONG;
}

int publication_identify(const char *runtime_directory, StatSignature *ret) {
        char path[PATH_MAX];
        struct stat st;
        int r;

        r = publication_path(runtime_directory, path);
        if (r < 0)
                return r;
        if (lstat(path, &st) < 0)
                return -errno;
        stat_signature(&st, ret);
        return 0;
}

int publication_remove(const char *runtime_directory) {
        char path[PATH_MAX];
        int r;

        /* By path, without a descriptor: there may be none left. */
        r = publication_path(runtime_directory, path);
        if (r < 0)
                return r;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int publication_meta(const char *runtime_directory, IndexMeta *ret) {
        _cleanup_(closep) int dir_fd = -1, fd = -1;
        Index index;
        int r;

        dir_fd = directory_open(runtime_directory);
        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, INDEX_FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;
        r = index_load(fd, &index);
        if (r < 0)
                return r;
        *ret = index_meta(&index);
        return 0;
}
