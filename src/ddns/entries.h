/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names that this host has, or may have, in DNS, and what is to be done next for each.  No bus, no
 * network; the clock is an argument.
 *
 * Which of the steps (update.h) is right shows in the answer: where one's prerequisite isn't met, the next
 * one is tried.  A name that is known to be ours goes through REPLACE_OWN, CREATE, and for a guest that has
 * just come here TAKE_OVER, else REPAIR; another one through CREATE, TAKE_OVER, REPLACE_OWN.  After the last
 * one it is a conflict, which is reported and tried again later.  A guest that is on two hosts is the host's
 * where it came last: the other one doesn't take it back.
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
        json_t *wanted; /* what selection_make() says; NULL: it is to go */
        EntryState state;
        bool recorded; /* in the state file */
        bool known;    /* was ours, as far as we know */
        bool appeared; /* the guest has just come to this host */
        bool check;    /* first look whether all is as wanted */
        unsigned attempt;
        size_t batch; /* goes with so many others at most */
        uint64_t due; /* not before then, CLOCK_MONOTONIC */
} Entry;

typedef struct EntryTimes {
        uint64_t now, remove_delay, conflict_delay;
        bool upsert_only;
} EntryTimes;

typedef struct Entries {
        Entry **entries; /* sorted by owner */
        size_t n;
} Entries;

void entries_done(Entries *e);

/* Adds a name of the state file, before the first entries_update(). */
int entries_add_recorded(Entries *e, const char *owner, size_t zone);

/* Sets what is wanted.  recheck: names of the state file are looked at before they are written.  Returns 0 or
 * -ENOMEM. */
int entries_update(Entries *e, json_t *wanted, bool recheck, const EntryTimes *times);

/* Has all settled names looked at. */
void entries_check_all(Entries *e, const EntryTimes *times);

/* Has all names removed, at once. */
void entries_remove_all(Entries *e);

Step entry_step(const Entry *entry);

/*
 * Chooses what goes into the next message: due names of one zone with one step.  Returns their number; 0:
 * nothing is due before *ret_due.
 */
size_t entries_choose(const Entries *e, uint64_t now, Entry *batch[static DDNS_BATCH_MAX], uint64_t *ret_due);

/* Notes the outcome of a message.  unmet: a prerequisite wasn't met; nothing was done.  Entries that are gone
 * are freed by entries_sweep(). */
void entries_note_done(Entry **batch, size_t n);
void entries_note_unmet(Entry **batch, size_t n, const EntryTimes *times);

/* The server refused a message: its names go by themselves, after the others. */
void entries_note_refused(Entry **batch, size_t n, uint64_t due);

void entries_sweep(Entries *e);

size_t entries_count(const Entries *e, EntryState state);
