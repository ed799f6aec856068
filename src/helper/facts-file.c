/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A file of facts.
 */

#include "helper/facts-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "util/util.h"

static int write_file(int directory_fd, const char *name, const json_t *facts) {
        FILE *f;
        int fd, r;

        fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        (void) fchmod(fd, 0644);
        f = fdopen(fd, "w");
        if (!f) {
                r = -errno;
                close_safe(fd);
                return r;
        }
        errno = 0;
        r = json_dumpf(facts, f, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0 || fputc('\n', f) == EOF;
        r = r ? -EIO : 0;
        if (fclose(f) != 0)
                r = -errno;
        return r;
}

int facts_file_write(int directory_fd, const char *name, const json_t *facts) {
        char beside[64];
        int r;

        if ((size_t) snprintf(beside, sizeof(beside), ".%s.new", name) >= sizeof(beside))
                return -ENAMETOOLONG;
        r = write_file(directory_fd, beside, facts);
        if (r >= 0 && renameat(directory_fd, beside, directory_fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(directory_fd, beside, 0);
        return r;
}
