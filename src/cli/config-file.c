/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A system configuration file.
 */

#include "cli/config-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define XATTR_SIZE_MAX 65536

static int open_regular(const char *path, struct stat *ret) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADFD;
        *ret = st;
        return TAKE_FD(fd);
}

static int read_all(int fd, char **ret) {
        _cleanup_(freep) char *text = malloc(CONFIG_FILE_SIZE_MAX + 1);
        size_t size = 0;
        ssize_t n;

        if (!text)
                return -ENOMEM;
        while ((n = read(fd, text + size, CONFIG_FILE_SIZE_MAX + 1 - size)) > 0) {
                size += (size_t) n;
                if (size > CONFIG_FILE_SIZE_MAX)
                        return -EFBIG;
        }
        if (n < 0)
                return -errno;
        text[size] = '\0';
        if (strlen(text) != size)
                return -EILSEQ;
        *ret = TAKE_PTR(text);
        return 0;
}

int config_file_read(const char *path, char **ret) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open_regular(path, &st);
        return fd < 0 ? fd : read_all(fd, ret);
}

static int write_all(int fd, const char *text) {
        for (size_t left = strlen(text); left > 0;) {
                ssize_t n = write(fd, text, left);

                if (n < 0)
                        return -errno;
                text += n;
                left -= (size_t) n;
        }
        return 0;
}

/* The SELinux context and the ACL are extended attributes. */
static int copy_attributes(int from, int to) {
        _cleanup_(freep) char *names = malloc(XATTR_SIZE_MAX), *value = malloc(XATTR_SIZE_MAX);
        ssize_t size;

        if (!names || !value)
                return -ENOMEM;
        size = flistxattr(from, names, XATTR_SIZE_MAX);
        if (size < 0)
                return errno == ENOTSUP ? 0 : -errno;
        for (const char *name = names; name < names + size; name += strlen(name) + 1) {
                ssize_t n = fgetxattr(from, name, value, XATTR_SIZE_MAX);

                if (n < 0 || fsetxattr(to, name, value, (size_t) n, 0) < 0)
                        return -errno;
        }
        return 0;
}

/* Copies the old file's owner, mode and attributes to the new one.  *ret_tried: describes the current step.
 */
static int make_alike(int from, const struct stat *st, int to, const char **ret_tried) {
        struct stat is;
        int r;

        *ret_tried = "the owner and group can't be kept";
        if (fstat(to, &is) < 0)
                return -errno;
        if ((is.st_uid != st->st_uid || is.st_gid != st->st_gid) && fchown(to, st->st_uid, st->st_gid) < 0)
                return -errno;
        *ret_tried = "the mode can't be kept";
        if (fchmod(to, st->st_mode & 07777) < 0)
                return -errno;
        *ret_tried = "the extended attributes can't be kept";
        r = copy_attributes(from, to);
        if (r < 0)
                return r;
        *ret_tried = "the new file can't be written";
        return fsync(to) < 0 ? -errno : 0;
}

/* Returns 0, or -ESTALE if the file has another text. */
static int compare(const char *path, const char *text) {
        _cleanup_(freep) char *is = NULL;
        int r;

        r = config_file_read(path, &is);
        if (r < 0)
                return r;
        return strcmp(is, text) == 0 ? 0 : -ESTALE;
}

/* Sets the mode of a file that didn't exist before, and syncs it. */
static int make_new(int fd, const char **ret_tried) {
        mode_t mask = umask(0);

        (void) umask(mask);
        *ret_tried = "the mode can't be set";
        if (fchmod(fd, 0666 & ~mask) < 0)
                return -errno;
        *ret_tried = "the new file can't be written";
        return fsync(fd) < 0 ? -errno : 0;
}

/* Writes a file with the attributes of the file from (-1: those of a new file) beside path, and renames it to
 * path.  old: if not NULL, the text that path must still have. */
static int write_alike(int from, const char *path, const char *old, const char *text,
                const char **ret_tried) {
        _cleanup_(freep) char *temporary = NULL;
        _cleanup_(closep) int fd = -1;
        struct stat st;
        int r;

        *ret_tried = "no file can be made beside it";
        if (from >= 0 && fstat(from, &st) < 0)
                return -errno;
        if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
                return -ENOMEM;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret_tried = "the new file can't be written";
        r = write_all(fd, text);
        if (r >= 0)
                r = from >= 0 ? make_alike(from, &st, fd, ret_tried) : make_new(fd, ret_tried);
        if (r >= 0 && old) {
                *ret_tried = "it can't be read again";
                r = compare(path, old);
        }
        if (r >= 0 && rename(temporary, path) < 0) {
                *ret_tried = "the new file can't be renamed to it";
                r = -errno;
        }
        if (r < 0)
                (void) unlink(temporary);
        return r;
}

int config_file_replace(const char *path, const char *old, const char *text, const char **ret_tried) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        *ret_tried = "it can't be read again";
        fd = open_regular(path, &st);
        return fd < 0 ? fd : write_alike(fd, path, old, text, ret_tried);
}

int config_file_put(const char *path, const char *text, const char **ret_tried) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        *ret_tried = "it can't be read";
        fd = open_regular(path, &st);
        return fd < 0 && fd != -ENOENT ? fd : write_alike(fd, path, NULL, text, ret_tried);
}

int config_file_back_up(const char *path, const char *text, const char *backup, const char **ret_tried) {
        _cleanup_(closep) int fd = -1, kept = -1;
        struct stat st;

        *ret_tried = "the backup is in the way";
        kept = open_regular(backup, &st);
        if (kept != -ENOENT)
                return MIN2(kept, 0);
        *ret_tried = "it can't be read again";
        fd = open_regular(path, &st);
        return fd < 0 ? fd : write_alike(fd, backup, NULL, text, ret_tried);
}
