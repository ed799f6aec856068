/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The resolve hook: guests' names inside systemd-resolved (259 and later), for programs that
 * ask DNS and never NSS.  systemd-resolved calls us over Varlink, on a socket that
 * libvirt-resolved-hook.socket hands to us.
 */

#include "service/manager.h"

typedef struct Hook Hook;

/* Serves a listening socket, which is taken over.  Returns 0 or a negative errno. */
int hook_new(Manager *m, int listen_fd, Hook **ret);
Hook *hook_free(Hook *hook);
DEFINE_CLEANUP(Hook *, hook_free);

/* Serves the socket that systemd handed over.  Returns 1 and the hook; 0 where there is none; or a negative
 * errno. */
int hook_open(Manager *m, Hook **ret);

/* Closes the connections that wait for a service that can't start, or else they would wait for the next that
 * can't, and with them whoever looks a name up. */
void hook_refuse(void);

/* Who is connected, and who of them gets the filter. */
size_t hook_connections(const Hook *hook);
size_t hook_subscribers(const Hook *hook);

/* The names may have changed: whoever asked for the filter is told. */
void hook_update(Hook *hook);
