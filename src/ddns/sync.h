/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keeps the zones equal to the wanted records: one message after the other, with pauses after failures.
 */

#include <jansson.h>
#include <systemd/sd-event.h>

#include "ddns/config.h"
#include "ddns/entries.h"
#include "ddns/exchange.h"
#include "ddns/key.h"

typedef struct Sync {
        const Config *config;
        const Key *key;
        sd_event *event;
        Entries entries;
        json_t *next; /* the wanted records, set while a message is pending */
        bool recheck; /* the state file's names haven't been checked yet */
        bool rewrite; /* the TTL differs from the state file's: write all records again */
        bool leaving; /* end when all names are removed */
        Exchange *exchange;
        Entry *batch[DDNS_BATCH_MAX];
        size_t n_batch;
        unsigned n_failures;
        uint64_t not_before; /* end of the pause after a failure, on CLOCK_MONOTONIC */
        sd_event_source *timer, *compare_timer;
        char failure[256];  /* the last failure; "": the last message was answered */
        uint64_t last_usec; /* CLOCK_REALTIME of the last answer */
        uint64_t n_messages, n_bytes;
        bool dirty_status;
} Sync;

/* Reads the state file.  Returns 0 or a negative errno. */
int sync_start(Sync *s, const Config *c, const Key *key, sd_event *event);

/* For _cleanup_(). */
void sync_done(Sync *s);

/* Sets the wanted records.  Takes a reference. */
int sync_set_wanted(Sync *s, json_t *wanted);

/* Removes this host's names, then ends the event loop: with an error if some are left. */
int sync_leave(Sync *s);

/* Adds a name to remove, before sync_leave(). */
int sync_add(Sync *s, const char *owner, size_t zone);
