/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A socket of rtnetlink, which tells of the host's network interfaces, addresses and neighbours.
 */

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* Takes in one message.  Returns 0 or a negative errno. */
typedef int (*RtnlTake)(void *userdata, const struct nlmsghdr *message);

typedef struct Rtnl {
        struct mnl_socket *socket;
        RtnlTake take;
        void *userdata;
} Rtnl;

/* Subscribes to groups (RTNLGRP_...).  Returns 0 or a negative errno. */
int rtnl_open(Rtnl *rtnl, const int *groups, size_t n_groups, RtnlTake take, void *userdata);

/* For _cleanup_(). */
void rtnl_done(Rtnl *rtnl);

int rtnl_fd(const Rtnl *rtnl);

/* Asks for all that there is of a kind (RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH), and takes it in, together
 * with the events that come in between.  Returns 0; -EINTR or -ENOBUFS if it is incomplete, and the dump
 * has to be repeated; or another negative errno. */
int rtnl_dump(Rtnl *rtnl, uint16_t type, uint8_t family);

/* Takes in the events that have come.  Returns 0, -ENOBUFS if some were lost, or another negative errno. */
int rtnl_drain(Rtnl *rtnl);
