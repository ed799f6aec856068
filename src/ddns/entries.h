/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names that this host has, or may have, in DNS, and the next step for each.  No bus, no network; the
 * clock is an argument.
 *
 * The server's answer shows which step (update.h) is right: if a prerequisite isn't met, the next step is
 * tried.  A name known to be ours goes through REPLACE_OWN, CREATE, and then TAKE_OVER if the guest has just
 * arrived, else REPAIR and TAKE_BACK; others through CREATE, TAKE_OVER, REPLACE_OWN.  After the last one it
 * is a conflict, which is reported and tried again, each time after twice as long.  The name of a guest on
 * two hosts belongs to the host where it appeared last: the other one doesn't take it back before the guest
 * has left that host.  The name of a vanished guest is marked as left at once, and removed after a delay.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ddns/update.h"

typedef enum EntryState {
        ENTRY_PENDING = 0,
        ENTRY_SETTLED,
        ENTRY_CONFLICT,
} EntryState;

typedef struct Entry {
        char *owner;
        size_t zone;
        json_t *wanted; /* from selection_make(); NULL: to be removed */
        EntryState state;
        bool recorded; /* in the state file */
        bool known;    /* ours, according to the last answer */
        bool appeared; /* the guest has just appeared on this host */
        bool check;    /* first check whether all records are as wanted */
        bool leave;    /* mark it as left before it is removed */
        unsigned attempt, n_conflicts;
        size_t batch; /* maximum number of names in its message */
        uint64_t due; /* earliest time of the next step, on CLOCK_MONOTONIC */
        uint64_t remove_due;
} Entry;

typedef struct EntryTimes {
        uint64_t now, remove_delay, conflict_delay, conflict_delay_max;
        bool upsert_only;
} EntryTimes;

typedef struct Entries {
        Entry **entries; /* sorted by owner */
        size_t n;
} Entries;

void entries_done(Entries *e);

/* Adds a name from the state file, before the first entries_update(). */
int entries_add_recorded(Entries *e, const char *owner, size_t zone);

/* Sets the wanted records.  recheck: names from the state file are checked before they are written.  Returns
 * 0 or -ENOMEM. */
int entries_update(Entries *e, json_t *wanted, bool recheck, const EntryTimes *times);

/* Makes all settled names due for a check. */
void entries_check_all(Entries *e, const EntryTimes *times);

/* Makes all names due for removal. */
void entries_remove_all(Entries *e);

Step entry_step(const Entry *entry);

/*
 * Chooses the names of the next message: due names of one zone with the same step.  Returns their number; 0:
 * nothing is due before *ret_due.
 */
size_t entries_choose(const Entries *e, uint64_t now, Entry *batch[static DDNS_BATCH_MAX], uint64_t *ret_due);

/* Record the result of a message.  unmet: a prerequisite wasn't met, so nothing was done.  entries_sweep()
 * frees removed entries. */
void entries_note_done(Entry **batch, size_t n);
void entries_note_unmet(Entry **batch, size_t n, const EntryTimes *times);

/* The server refused a message: retries its names later, in smaller batches. */
void entries_note_refused(Entry **batch, size_t n, uint64_t due);

void entries_sweep(Entries *e);

size_t entries_count(const Entries *e, EntryState state);
