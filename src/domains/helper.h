/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's main loop: handles libvirt's events, changes of links, and hints, and writes the facts.
 */

#include <jansson.h>

#include "domains/connection.h"
#include "domains/hints.h"
#include "domains/inventory.h"
#include "domains/link-watch.h"

#define DOMAINS_FILE "domains.json"
#define NETWORKS_FILE "networks.json"

typedef struct Helper {
        Inventory inventory;
        Connection connection;
        LinkWatch watch;
        Hints hints;
        int directory_fd;           /* of the facts */
        json_t *domains, *networks; /* as last written */
        bool known;                 /* the running domains are known: until then an earlier file is kept */
        bool connect_now, stop;
        unsigned n_failures; /* consecutive failures to connect */
        int retry_timer, linger_timer;
        bool lingers;
} Helper;

/* Opens everything and reads the current state.  directory: of the facts.  Returns 0 or a negative errno. */
int helper_start(Helper *h, const char *directory);

/* Runs until h->stop, then removes the facts.  Returns 0 or a negative errno. */
int helper_run(Helper *h);

/* For _cleanup_(). */
void helper_done(Helper *h);
