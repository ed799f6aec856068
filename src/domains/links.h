/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's network interfaces (links), and which of them are ports of which: kept current by rtnetlink.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#include "domains/domain.h"

typedef struct Link {
        int index, master; /* master 0: none */
        char name[INTERFACE_NAME_SIZE];
        bool is_bridge;
        bool is_current; /* during a dump: it was in it */
} Link;

typedef struct Links {
        Link *links;
        size_t n_links;
        struct mnl_socket *socket;
        bool changed;
} Links;

/* Opens the socket and reads all links.  Returns 0 or a negative errno. */
int links_open(Links *links);

/* For _cleanup_(). */
void links_done(Links *links);

int links_fd(const Links *links);

/* Reads the events that have come, and all links if events were lost.  Returns 1 if any link is another one
 * than before, 0, or a negative errno. */
int links_drain(Links *links);

/* Takes in one message of rtnetlink.  Returns 0 or -ENOMEM. */
int links_take(Links *links, const struct nlmsghdr *message);

/* NULL: there is no such link. */
const Link *links_find(const Links *links, const char *name);

/* The link that this one is a port of, or NULL. */
const Link *links_master(const Links *links, const Link *link);
