/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An rtnetlink socket, which reports the host's network interfaces, addresses and neighbours.
 */

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* Handles one message.  Returns 0 or a negative errno. */
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

/* Requests all objects of a kind (RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH), and handles them and the events
 * that arrive meanwhile.  Returns 0; -EINTR or -ENOBUFS if it is incomplete, and the dump must be repeated;
 * or another negative errno. */
int rtnl_dump(Rtnl *rtnl, uint16_t type, uint8_t family);

/* Handles pending events.  Returns 0, -ENOBUFS if some were lost, or another negative errno. */
int rtnl_drain(Rtnl *rtnl);
