/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The helper's main loop.
 */

#include "domains/helper.h"

#include <fcntl.h>
#include <string.h>

#include "domains/facts.h"
#include "helper/facts-file.h"
#include "service/log.h"

/* After a failure to connect, the pause before the next try, doubled each time; after that many tries, only a
 * new socket or guest leads to another. */
#define RETRY_MSEC 100U
#define RETRIES_MAX 9U

/* A connection without a running domain is closed after this time, so that libvirt's daemon can end. */
#define LINGER_MSEC 10000

#define TIMER_OFF (-1)

/* ---- writing ---- */

/* Takes ownership of the facts.  Writes them unless they are already written. */
static void helper_write(Helper *h, const char *name, json_t *facts, json_t **written) {
        int r = -ENOMEM;

        if (facts && *written && json_equal(facts, *written)) {
                json_decref(facts);
                return;
        }
        if (facts)
                r = facts_file_write(h->directory_fd, name, facts);
        json_decref(*written);
        *written = r < 0 ? NULL : json_incref(facts);
        json_decref(facts);
        if (r < 0)
                log_error("%s can't be written: %s.", name, strerror(-r));
}

static void helper_publish(Helper *h) {
        if (!h->known)
                return;
        helper_write(h, DOMAINS_FILE, facts_of_domains(&h->inventory, &h->watch.links), &h->domains);
        helper_write(h, NETWORKS_FILE, facts_of_networks(&h->inventory), &h->networks);
}

static void helper_remove_files(Helper *h) {
        (void) unlinkat(h->directory_fd, DOMAINS_FILE, 0);
        (void) unlinkat(h->directory_fd, NETWORKS_FILE, 0);
}

/* ---- connecting ---- */

static void helper_connect(Helper *h) {
        h->connect_now = false;
        h->lingers = false; /* the time starts again */
        if (h->connection.libvirt)
                return;
        (void) virEventUpdateTimeout(h->retry_timer, TIMER_OFF);
        if (connection_open(&h->connection) >= 0) {
                h->n_failures = 0;
                h->known = true;
        } else if (h->n_failures < RETRIES_MAX)
                (void) virEventUpdateTimeout(h->retry_timer, (int) (RETRY_MSEC << h->n_failures++));
}

static void helper_lost(Helper *h) {
        log_notice("libvirt closed the connection%s.",
                        h->inventory.n_domains > 0 ? "; domains count as running while their taps exist" :
                                                     "");
        connection_close(&h->connection);
        h->n_failures = 0;
        (void) virEventUpdateTimeout(h->retry_timer, RETRY_MSEC);
}

/* Without running domains, disconnects until the next hint.  Lists again first, since a domain that is being
 * started hasn't caused an event yet. */
static void helper_leave(Helper *h) {
        h->lingers = false;
        if (connection_list(&h->connection) < 0 || h->inventory.n_domains > 0)
                return;
        log_info("No domain runs; disconnecting from libvirt.");
        connection_close(&h->connection);
        inventory_clear(&h->inventory);
        h->connection.changed = true;
}

/* Starts or stops the timer for a connection without domains. */
static void helper_linger(Helper *h) {
        bool lingers = h->connection.libvirt && h->inventory.n_domains == 0;

        if (lingers != h->lingers)
                (void) virEventUpdateTimeout(h->linger_timer, lingers ? LINGER_MSEC : TIMER_OFF);
        h->lingers = lingers;
}

/* ---- links ---- */

/* Reads the domains of NICs that moved to another bridge, for which libvirt sends no event. */
static void helper_read_moved(Helper *h) {
        const Domain *d;

        while ((d = inventory_next_moved(&h->inventory, &h->watch.links)) && h->connection.libvirt) {
                char uuid[UUID_TEXT_MAX];

                memcpy(uuid, d->uuid, sizeof(uuid));
                connection_read_domain(&h->connection, uuid);
        }
}

/* ---- the loop ---- */

/* Handles the results of the dispatched events. */
static int helper_work(Helper *h) {
        bool changed;
        int r;

        if (h->connection.lost)
                helper_lost(h);
        if (h->connect_now)
                helper_connect(h);
        r = link_watch_drain(&h->watch);
        if (r < 0) {
                log_error("Network interfaces can't be watched: %s.", strerror(-r));
                return r;
        }
        changed = r > 0;
        if (h->connection.libvirt && (changed || h->connection.changed))
                helper_read_moved(h);
        if (!h->connection.libvirt)
                inventory_prune(&h->inventory, &h->watch.links);
        if (changed || h->connection.changed)
                helper_publish(h);
        h->connection.changed = false;
        helper_linger(h);
        return 0;
}

static void on_links(int watch, int fd, int events, void *userdata) {
        /* helper_work() reads them. */
}

static void on_hints(int watch, int fd, int events, void *userdata) {
        Helper *h = userdata;
        unsigned kinds = hints_drain(&h->hints);

        /* A socket alone is no reason to connect. */
        if ((kinds & HINT_GUEST) ||
                        ((kinds & HINT_SOCKET) && (h->inventory.n_domains > 0 || hints_guest_runs()))) {
                h->connect_now = true;
                h->n_failures = 0;
        }
}

static void on_retry(int timer, void *userdata) {
        Helper *h = userdata;

        h->connect_now = true;
}

static void on_linger(int timer, void *userdata) {
        Helper *h = userdata;

        (void) virEventUpdateTimeout(timer, TIMER_OFF);
        if (h->lingers)
                helper_leave(h);
}

static int helper_watch(Helper *h) {
        h->retry_timer = virEventAddTimeout(TIMER_OFF, on_retry, h, NULL);
        h->linger_timer = virEventAddTimeout(TIMER_OFF, on_linger, h, NULL);
        if (h->retry_timer < 0 || h->linger_timer < 0 ||
                        virEventAddHandle(rtnl_fd(&h->watch.rtnl), VIR_EVENT_HANDLE_READABLE, on_links, h,
                                        NULL) < 0 ||
                        virEventAddHandle(h->hints.fd, VIR_EVENT_HANDLE_READABLE, on_hints, h, NULL) < 0)
                return -ENOMEM;
        return 0;
}

int helper_start(Helper *h, const char *directory) {
        int r;

        *h = (Helper) { .directory_fd = -1, .hints.fd = -1, .connection.inventory = &h->inventory };
        h->directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (h->directory_fd < 0) {
                r = -errno;
                log_error("%s can't be opened: %s.", directory, strerror(-r));
                return r;
        }
        if ((r = link_watch_open(&h->watch)) < 0 || (r = hints_open(&h->hints)) < 0 ||
                        (r = helper_watch(h)) < 0)
                return r;
        if (hints_guest_runs())
                helper_connect(h);
        else
                h->known = true;
        h->connection.changed = true;
        return helper_work(h);
}

int helper_run(Helper *h) {
        while (!h->stop) {
                int r;

                if (virEventRunDefaultImpl() < 0)
                        return -EIO;
                r = helper_work(h);
                if (r < 0)
                        return r;
        }
        helper_remove_files(h);
        return 0;
}

void helper_done(Helper *h) {
        connection_close(&h->connection);
        inventory_clear(&h->inventory);
        link_watch_done(&h->watch);
        hints_done(&h->hints);
        json_decref(h->domains);
        json_decref(h->networks);
        h->directory_fd = close_safe(h->directory_fd);
}
