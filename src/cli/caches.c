/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Caches between programs and the NSS modules.
 */

#include "cli/caches.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/util.h"

#define NSCD_SOCKET "/var/run/nscd/socket" /* glibc's */
#define NSCD_CONFIGURATION "/etc/nscd.conf"

static bool nscd_listens(void) {
        union {
                struct sockaddr sa;
                struct sockaddr_un un;
        } address = { .un = { .sun_family = AF_UNIX, .sun_path = NSCD_SOCKET } };
        _cleanup_(closep) int fd = -1;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return fd >= 0 && (connect(fd, &address.sa, sizeof(address.un)) == 0 || errno == EAGAIN);
}

static bool nscd_leaves_hosts(void) {
        char line[256], state[16];
        bool leaves = false;
        FILE *file;

        file = fopen(NSCD_CONFIGURATION, "re");
        if (!file)
                return false;
        while (fgets(line, sizeof(line), file))
                if (sscanf(line, " enable-cache hosts %15s", state) == 1)
                        leaves = strcmp(state, "no") == 0;
        fclose(file);
        return leaves;
}

bool caches_nscd_runs(void) {
        return nscd_listens() && !nscd_leaves_hosts();
}
