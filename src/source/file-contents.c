/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading a whole file into memory.
 */

#include "source/file-contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/limits.h"
#include "util/util.h"

static int check_file(const struct stat *st, DocumentError *error) {
        if (!S_ISREG(st->st_mode))
                return document_error(error, -EBADFD, "not a regular file");
        if (st->st_size > (off_t) LEASE_FILE_SIZE_MAX)
                return document_error(error, -EFBIG, "larger than %u bytes", LEASE_FILE_SIZE_MAX);
        return 0;
}

/* Nobody is looked up by name: the service makes no NSS lookup. */
static int error_access(DocumentError *error, const struct stat *st) {
        char owner[24] = "root";

        if (st->st_uid != 0)
                (void) snprintf(owner, sizeof(owner), "uid %u", st->st_uid);
        return document_error(error, -EACCES, "can't be opened: %s (mode %04o, owner %s)", strerror(EACCES),
                        st->st_mode & 07777U, owner);
}

/* Checks the type before opening: opening a device may have side effects. */
static int open_file(int dirfd, const char *name, DocumentError *error) {
        struct stat st;
        int fd, r;

        if (fstatat(dirfd, name, &st, 0) < 0)
                return document_error(error, -errno, "can't be read: %m");

        r = check_file(&st, error);
        if (r < 0)
                return r;

        fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 && errno == EACCES)
                return error_access(error, &st);
        if (fd < 0)
                return document_error(error, -errno, "can't be opened: %m");
        return fd;
}

/* Reads up to size bytes.  Bytes that are appended meanwhile are left to the next reading. */
static ssize_t read_all(int fd, char *buffer, size_t size) {
        size_t n = 0;

        while (n < size) {
                ssize_t l = read(fd, buffer + n, size - n);

                if (l < 0 && errno == EINTR)
                        continue;
                if (l < 0)
                        return l;
                if (l == 0)
                        break;
                n += (size_t) l;
        }
        return (ssize_t) n;
}

int file_contents_read(int dirfd, const char *name, char **ret_data, size_t *ret_size, DocumentError *error) {
        _cleanup_(closep) int fd = -1;
        _cleanup_(freep) char *data = NULL;
        struct stat st;
        ssize_t n;
        int r;

        fd = open_file(dirfd, name, error);
        if (fd < 0)
                return fd;

        if (fstat(fd, &st) < 0)
                return document_error(error, -errno, "can't be read: %m");

        r = check_file(&st, error); /* it may be another file by now */
        if (r < 0)
                return r;

        data = malloc((size_t) st.st_size + 1);
        if (!data)
                return document_error_memory(error);

        n = read_all(fd, data, (size_t) st.st_size);
        if (n < 0)
                return document_error(error, -errno, "can't be read: %m");

        data[n] = '\0';
        *ret_data = TAKE_PTR(data);
        *ret_size = (size_t) n;
        return 0;
}

bool file_error_is_shortage(int error) {
        return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

bool file_error_lasts(int error) {
        return error == -EBADFD || error == -EFBIG || error == -ELOOP;
}
