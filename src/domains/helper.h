/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's work: it brings libvirt's events, links and hints together, and writes the facts.
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
        int directory_fd;           /* where the facts are written */
        json_t *domains, *networks; /* as written last */
        bool known;                 /* what runs: until then a file of before stays */
        bool connect_now, stop;
        unsigned n_failures; /* to connect, in a row */
        int retry_timer, linger_timer;
        bool lingers;
} Helper;

/* Opens all and takes a first look.  directory: of the facts.  Returns 0 or a negative errno. */
int helper_start(Helper *h, const char *directory);

/* Works until h->stop, then removes the facts.  Returns 0 or a negative errno. */
int helper_run(Helper *h);

/* For _cleanup_(). */
void helper_done(Helper *h);
