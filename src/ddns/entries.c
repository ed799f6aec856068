/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The names that this host has in DNS.
 */

#include "ddns/entries.h"

#include <string.h>

#include "cli/json.h"
#include "util/array.h"

static Entry *entry_free(Entry *entry) {
        if (!entry)
                return NULL;
        free(entry->owner);
        json_decref(entry->wanted);
        free(entry);
        return NULL;
}

void entries_done(Entries *e) {
        for (size_t i = 0; i < e->n; i++)
                entry_free(e->entries[i]);
        free(e->entries);
        *e = (Entries) { 0 };
}

static int compare(const void *a, const void *b) {
        const Entry *const *x = a, *const *y = b;

        return strcmp((*x)->owner, (*y)->owner);
}

static void sort(Entries *e) {
        if (e->n > 1)
                qsort(e->entries, e->n, sizeof(*e->entries), compare);
}

/* Whether owner is among the first n entries, which are sorted. */
static bool is_among(const Entries *e, size_t n, const char *owner) {
        Entry key = { .owner = (char *) owner }, *pointer = &key;

        return n > 0 && bsearch(&pointer, e->entries, n, sizeof(*e->entries), compare);
}

static int add(Entries *e, const char *owner, size_t zone, Entry **ret) {
        Entry **grown = array_grow(e->entries, e->n, sizeof(*grown)), *entry;

        if (!grown)
                return -ENOMEM;
        e->entries = grown;
        entry = calloc(1, sizeof(*entry));
        if (!entry || !(entry->owner = strdup(owner))) {
                entry_free(entry);
                return -ENOMEM;
        }
        entry->zone = zone;
        entry->batch = DDNS_BATCH_MAX;
        e->entries[e->n++] = entry;
        *ret = entry;
        return 0;
}

int entries_add_recorded(Entries *e, const char *owner, size_t zone) {
        Entry *entry;
        int r;

        r = add(e, owner, zone, &entry);
        if (r < 0)
                return r;
        entry->recorded = entry->known = true;
        if (e->n > 1 && compare(&e->entries[e->n - 2], &e->entries[e->n - 1]) > 0)
                sort(e);
        return 0;
}

static void start(Entry *entry, bool check, uint64_t due) {
        entry->state = ENTRY_PENDING;
        entry->check = check;
        entry->attempt = entry->n_conflicts = 0;
        entry->due = due;
}

/* A guest has vanished: its records are kept for a while, in case it has moved and the other host takes them
 * over. */
static void let_go(Entry *entry, const EntryTimes *times) {
        json_decref(entry->wanted);
        entry->wanted = NULL;
        entry->leave = times->upsert_only || times->remove_delay > 0;
        entry->remove_due = times->upsert_only ? UINT64_MAX : times->now + times->remove_delay;
        start(entry, false, times->now);
}

static void set_wanted(Entry *entry, json_t *wanted, bool recheck, const EntryTimes *times) {
        bool came = !entry->wanted, from_file = came && recheck && entry->known;

        if (entry->wanted && json_equal(entry->wanted, wanted))
                return;
        json_decref(entry->wanted);
        entry->wanted = json_incref(wanted);
        entry->appeared = (entry->appeared || came) && !from_file;
        start(entry, from_file, times->now);
}

static void update_known(Entries *e, const json_t *wanted, bool recheck, const EntryTimes *times) {
        for (size_t i = 0; i < e->n; i++) {
                Entry *entry = e->entries[i];
                json_t *now = json_object_get(wanted, entry->owner);

                if (now)
                        set_wanted(entry, now, recheck, times);
                else if (entry->wanted || recheck)
                        let_go(entry, times);
        }
}

int entries_update(Entries *e, json_t *wanted, bool recheck, const EntryTimes *times) {
        size_t n = e->n;
        const char *owner;
        json_t *value;

        update_known(e, wanted, recheck, times);
        json_object_foreach(wanted, owner, value) {
                Entry *entry;

                if (is_among(e, n, owner))
                        continue;
                if (add(e, owner, (size_t) json_number(value, "zone"), &entry) < 0)
                        return -ENOMEM;
                set_wanted(entry, value, false, times);
        }
        sort(e);
        return 0;
}

void entries_check_all(Entries *e, const EntryTimes *times) {
        for (size_t i = 0; i < e->n; i++)
                if (e->entries[i]->state == ENTRY_SETTLED)
                        start(e->entries[i], true, times->now);
}

void entries_remove_all(Entries *e) {
        for (size_t i = 0; i < e->n; i++) {
                json_decref(e->entries[i]->wanted);
                e->entries[i]->wanted = NULL;
                e->entries[i]->leave = false;
                start(e->entries[i], false, 0);
        }
}

/* The steps for records that are wanted, one after the other; returns their number. */
static size_t wanted_steps(const Entry *entry, const Step **ret) {
        static const Step fresh[] = { STEP_CREATE, STEP_TAKE_OVER, STEP_REPLACE_OWN };
        static const Step moved[] = { STEP_REPLACE_OWN, STEP_CREATE, STEP_TAKE_OVER };
        static const Step known[] = { STEP_REPLACE_OWN, STEP_CREATE, STEP_REPAIR, STEP_TAKE_BACK };

        *ret = !entry->known ? fresh : entry->appeared ? moved : known;
        return *ret == known ? ELEMENTS(known) : ELEMENTS(fresh);
}

Step entry_step(const Entry *entry) {
        const Step *steps;

        if (!entry->wanted)
                return entry->leave ? STEP_LEAVE : STEP_REMOVE;
        if (entry->check)
                return STEP_CHECK;
        (void) wanted_steps(entry, &steps);
        return steps[entry->attempt];
}

/* The entry that has been due longest. */
static Entry *first_due(const Entries *e) {
        Entry *first = NULL;

        for (size_t i = 0; i < e->n; i++)
                if (e->entries[i]->state != ENTRY_SETTLED && (!first || e->entries[i]->due < first->due))
                        first = e->entries[i];
        return first;
}

size_t entries_choose(const Entries *e, uint64_t now, Entry *batch[static DDNS_BATCH_MAX],
                uint64_t *ret_due) {
        Entry *first = first_due(e);
        size_t n = 1, limit;

        if (!first || first->due > now) {
                *ret_due = first ? first->due : UINT64_MAX;
                return 0;
        }
        batch[0] = first;
        limit = first->batch;
        for (size_t i = 0; i < e->n && n < limit; i++) {
                Entry *entry = e->entries[i];

                if (entry == first || entry->state == ENTRY_SETTLED || entry->due > now ||
                                entry->zone != first->zone || entry_step(entry) != entry_step(first) ||
                                entry->batch < n + 1)
                        continue;
                limit = MIN2(limit, entry->batch);
                batch[n++] = entry;
        }
        return n;
}

void entries_note_done(Entry **batch, size_t n) {
        for (size_t i = 0; i < n; i++) {
                Entry *entry = batch[i];

                if (entry_step(entry) == STEP_LEAVE) {
                        entry->leave = false;
                        entry->due = entry->remove_due;
                        continue;
                }
                entry->state = ENTRY_SETTLED;
                entry->known = entry->wanted != NULL;
                entry->appeared = entry->check = false;
                entry->attempt = entry->n_conflicts = 0;
                entry->batch = DDNS_BATCH_MAX;
        }
}

/* The pause doubles after each conflict: many hosts may have a guest of the same name for years. */
static uint64_t conflict_pause(unsigned n_conflicts, const EntryTimes *times) {
        uint64_t pause = times->conflict_delay;

        for (unsigned i = 1; i < n_conflicts && pause < times->conflict_delay_max; i++)
                pause *= 2;
        return MIN2(pause, times->conflict_delay_max);
}

/* All names of a batch take the next step; after the last step, the batch is split until the failing name is
 * alone. */
static void advance(Entry *entry, size_t n, const EntryTimes *times) {
        const Step *steps;

        if (entry->check) {
                entry->check = false;
                entry->attempt = 0;
                return;
        }
        if (entry->wanted && ++entry->attempt < wanted_steps(entry, &steps))
                return;
        entry->attempt = 0;
        if (n > 1) {
                entry->batch = n / 2;
        } else if (!entry->wanted) {
                entry->state = ENTRY_SETTLED; /* it isn't ours any more */
                entry->known = false;
        } else {
                entry->state = ENTRY_CONFLICT;
                entry->due = times->now + conflict_pause(++entry->n_conflicts, times);
        }
}

void entries_note_unmet(Entry **batch, size_t n, const EntryTimes *times) {
        for (size_t i = 0; i < n; i++)
                advance(batch[i], n, times);
}

void entries_note_refused(Entry **batch, size_t n, uint64_t due) {
        for (size_t i = 0; i < n; i++) {
                batch[i]->batch = MAX2(n / 2, 1U);
                batch[i]->due = due;
        }
}

void entries_sweep(Entries *e) {
        size_t n = 0;

        for (size_t i = 0; i < e->n; i++) {
                Entry *entry = e->entries[i];

                if (!entry->wanted && (entry->state == ENTRY_SETTLED || !entry->recorded))
                        entry_free(entry);
                else
                        e->entries[n++] = entry;
        }
        e->n = n;
}

size_t entries_count(const Entries *e, EntryState state) {
        size_t n = 0;

        for (size_t i = 0; i < e->n; i++)
                n += e->entries[i]->state == state;
        return n;
}
