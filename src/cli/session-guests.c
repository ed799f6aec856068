/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Guests of a session: libvirt keeps a file NAME.pid of each in the user's runtime directory.
 */

#include "cli/session-guests.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/remote.h"

#define SUFFIX ".pid"

/* NULL: there is none, or another host is asked. */
static DIR *open_directory(void) {
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        char path[PATH_MAX];

        if (!runtime || remote_host() ||
                        snprintf(path, sizeof(path), "%s/libvirt/qemu/run", runtime) >= (int) sizeof(path))
                return NULL;
        return opendir(path);
}

/* How many there are, or of that name. */
static size_t count(const char *name) {
        const size_t n_suffix = strlen(SUFFIX);
        DIR *directory = open_directory();
        const struct dirent *entry;
        size_t n = 0;

        while (directory && (entry = readdir(directory))) {
                size_t length = strlen(entry->d_name);

                if (length <= n_suffix || strcmp(entry->d_name + length - n_suffix, SUFFIX) != 0)
                        continue;
                length -= n_suffix;
                if (!name || (strlen(name) == length && memcmp(entry->d_name, name, length) == 0))
                        n++;
        }
        if (directory)
                (void) closedir(directory);
        return n;
}

bool session_has_guest(const char *name) {
        return count(name) > 0;
}

size_t session_count_guests(void) {
        return count(NULL);
}
