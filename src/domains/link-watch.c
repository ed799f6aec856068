/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's links, kept current through rtnetlink.
 */

#include "domains/link-watch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "util/util.h"

#define DUMP_TRIES 5

static int take(void *userdata, const struct nlmsghdr *message) {
        return links_take(userdata, message);
}

static int dump(LinkWatch *watch) {
        int r = -EINTR;

        for (unsigned i = 0; i < DUMP_TRIES && (r == -EINTR || r == -ENOBUFS); i++) {
                links_begin_dump(&watch->links);
                r = rtnl_dump(&watch->rtnl, RTM_GETLINK, AF_UNSPEC);
        }
        if (r >= 0)
                links_end_dump(&watch->links);
        return r;
}

int link_watch_open(LinkWatch *watch) {
        static const int groups[] = { RTNLGRP_LINK };
        int r;

        r = rtnl_open(&watch->rtnl, groups, ELEMENTS(groups), take, &watch->links);
        return r < 0 ? r : dump(watch);
}

void link_watch_done(LinkWatch *watch) {
        links_done(&watch->links);
        rtnl_done(&watch->rtnl);
}

int link_watch_drain(LinkWatch *watch) {
        int r;

        watch->links.changed = false;
        while ((r = rtnl_drain(&watch->rtnl)) == -ENOBUFS) {
                r = dump(watch);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : watch->links.changed;
}
