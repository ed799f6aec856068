/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve-ddns: keeps the names of libvirt guests in a DNS zone, by dynamic updates.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "ddns/options.h"
#include "ddns/state-file.h"
#include "ddns/sync.h"
#include "ddns/watch.h"
#include "ddns/zone-list.h"
#include "service/log.h"

#define EXIT_USAGE 2

typedef struct Daemon {
        Config config;
        Key key;
        Sync sync;
        size_t zone; /* being listed now */
} Daemon;

/* ---- dry run ---- */

static int print_wanted(json_t *wanted, void *userdata) {
        Daemon *d = userdata;
        const json_t *entry, *record;
        const char *owner;
        size_t i;

        json_object_foreach(wanted, owner, entry)
                json_array_foreach(json_object_get(entry, "records"), i, record)
                        printf("+ %s. %u IN %s\n", owner, d->config.ttl, json_string_value(record));
        for (i = 0; i < d->sync.entries.n; i++)
                if (!json_object_get(wanted, d->sync.entries.entries[i]->owner))
                        printf("- %s.\n", d->sync.entries.entries[i]->owner);
        return sd_event_exit(d->sync.event, 0);
}

/* ---- signals ---- */

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Daemon *d = userdata;

        (void) sd_notify(0, "STOPPING=1");
        if (d->config.mode == MODE_SERVE && d->config.withdraw_on_stop && !d->sync.leaving)
                return sync_leave(&d->sync);
        return sd_event_exit(sd_event_source_get_event(source), d->config.mode == MODE_SERVE ? 0 : -EINTR);
}

static int setup_signals(Daemon *d, sd_event *event) {
        sigset_t mask;
        int r;

        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);
        r = sd_event_add_signal(event, NULL, SIGTERM, on_signal, d);
        return r < 0 ? r : sd_event_add_signal(event, NULL, SIGINT, on_signal, d);
}

/* ---- the three modes ---- */

static int set_wanted(json_t *wanted, void *userdata) {
        Daemon *d = userdata;

        return sync_set_wanted(&d->sync, wanted);
}

static int add_listed(const char *owner, void *userdata) {
        Daemon *d = userdata;

        return sync_add(&d->sync, owner, d->zone);
}

/* This host's names are in its state file, those of another host only in the zones. */
static int withdraw(Daemon *d) {
        int r = 0;

        if (d->config.withdraw_host) {
                entries_done(&d->sync.entries);
                for (d->zone = 0; d->zone < d->config.selection.n_zones && r >= 0; d->zone++)
                        r = zone_list(&d->config, &d->key, d->config.selection.zones[d->zone],
                                        d->config.withdraw_host, add_listed, d);
        }
        if (r < 0)
                return r;
        printf("%zu names are removed.\n", d->sync.entries.n);
        r = sync_leave(&d->sync);
        if (r >= 0)
                r = sd_event_loop(d->sync.event);
        if (r < 0 && d->sync.failure[0])
                fprintf(stderr, "libvirt-resolve-ddns: %zu names are left in DNS: %s.\n", d->sync.entries.n,
                                d->sync.failure);
        else if (r >= 0 && !d->config.withdraw_host)
                r = state_file_write(&d->config, &d->sync.entries);
        return r;
}

static int serve(Daemon *d) {
        _cleanup_(watch_freep) Watch *watch = NULL;
        int r;

        r = watch_new(d->sync.event, &d->config.selection,
                        d->config.mode == MODE_DRY_RUN ? print_wanted : set_wanted, d, &watch);
        if (r < 0)
                return r;
        (void) sd_notify(0, "READY=1");
        r = sd_event_loop(d->sync.event);
        if (r >= 0 && d->sync.leaving)
                r = state_file_write(&d->config, &d->sync.entries);
        return r;
}

static int run(Daemon *d) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        int r;

        r = sd_event_new(&event);
        if (r >= 0)
                r = setup_signals(d, event);
        if (r >= 0)
                r = sync_start(&d->sync, &d->config, &d->key, event);
        if (r >= 0)
                r = d->config.mode == MODE_WITHDRAW ? withdraw(d) : serve(d);
        sync_done(&d->sync);
        return r;
}

int main(int argc, char **argv) {
        Daemon d = { 0 };
        int r;

        r = options_parse(argc, argv, &d.config);
        if (r <= 0)
                return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
        if (d.config.mode != MODE_DRY_RUN && key_load(d.config.key_file, &d.key) < 0)
                return EXIT_USAGE;
        r = run(&d);
        explicit_bzero(&d.key, sizeof(d.key));
        if (r < 0)
                log_error("libvirt-resolve-ddns can't go on: %s.", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
