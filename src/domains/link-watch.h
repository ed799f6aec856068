/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's links, kept current through rtnetlink.
 */

#include "helper/links.h"
#include "helper/rtnl.h"

typedef struct LinkWatch {
        Links links;
        Rtnl rtnl;
} LinkWatch;

/* Opens the socket and reads all links.  Returns 0 or a negative errno. */
int link_watch_open(LinkWatch *watch);

/* For _cleanup_(). */
void link_watch_done(LinkWatch *watch);

/* Reads pending events, and all links if events were lost.  Returns 1 if any link has changed, 0, or a
 * negative errno. */
int link_watch_drain(LinkWatch *watch);
