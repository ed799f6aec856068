/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Interface indices, cached until a link changes.
 */

#include "service/interfaces.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define INTERFACES_CACHED 128U

struct Interfaces {
        int fd;
        bool drained; /* since interfaces_invalidate() */
        size_t n_known;
        struct {
                char name[IF_NAMESIZE];
                uint32_t index;
        } known[INTERFACES_CACHED];
};

static int link_monitor_open(void) {
        const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
        _cleanup_(closep) int fd = -1;

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int interfaces_new(Interfaces **ret) {
        Interfaces *i;

        i = calloc(1, sizeof(*i));
        if (!i)
                return -ENOMEM;
        i->fd = link_monitor_open();
        *ret = i;
        return 0;
}

Interfaces *interfaces_free(Interfaces *interfaces) {
        if (!interfaces)
                return NULL;
        close_safe(interfaces->fd);
        free(interfaces);
        return NULL;
}

void interfaces_invalidate(Interfaces *interfaces) {
        interfaces->drained = false;
}

/* Empties the cache if links have changed. */
static void interfaces_drain(Interfaces *interfaces) {
        char buffer[8192];

        /* Any message empties the cache, and so does a lost one (ENOBUFS). */
        while (interfaces->fd >= 0) {
                ssize_t n = recv(interfaces->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != ENOBUFS)
                        return;
                interfaces->n_known = 0;
        }
}

uint32_t interfaces_index(Interfaces *interfaces, const char *name) {
        uint32_t index;

        if (!interfaces->drained)
                interfaces_drain(interfaces);
        interfaces->drained = true;
        for (size_t i = 0; i < interfaces->n_known; i++)
                if (strcmp(interfaces->known[i].name, name) == 0)
                        return interfaces->known[i].index;

        index = if_nametoindex(name);
        /* Doesn't cache a failure of the lookup itself. */
        if (index == 0 && errno != ENODEV)
                return 0;
        if (interfaces->fd >= 0 && interfaces->n_known < INTERFACES_CACHED) {
                strncpy(interfaces->known[interfaces->n_known].name, name, IF_NAMESIZE - 1);
                interfaces->known[interfaces->n_known++].index = index;
        }
        return index;
}
