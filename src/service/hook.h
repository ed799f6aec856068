/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The resolve hook: guests' names in systemd-resolved (259 and later), for programs that ask DNS and not NSS.
 * systemd-resolved calls the service over Varlink, on a socket from libvirt-resolved-hook.socket.
 */

#include "service/manager.h"

typedef struct Hook Hook;

/* Serves a listening socket, and takes ownership of it.  Returns 0 or a negative errno. */
int hook_new(Manager *m, int listen_fd, Hook **ret);
Hook *hook_free(Hook *hook);
DEFINE_CLEANUP(Hook *, hook_free);

/* Serves the socket that systemd passed.  Returns 1 and the hook; 0 if there is none; or a negative errno. */
int hook_open(Manager *m, Hook **ret);

/* Accepts and closes pending connections.  Otherwise they would wait for the next start, which may fail, too,
 * while lookups hang. */
void hook_refuse(void);

/* The number of connections, and of those that receive the filter. */
size_t hook_connections(const Hook *hook);
size_t hook_subscribers(const Hook *hook);

/* Sends the filter again to those who asked for it, as names may have changed. */
void hook_update(Hook *hook);
