/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Keeps the zones equal to the wanted records.
 */

#include "ddns/sync.h"

#include <stdio.h>
#include <string.h>

#include "ddns/backoff.h"
#include "ddns/state-file.h"
#include "ddns/status-file.h"
#include "service/log.h"
#include "util/clock.h"

/* How long until a conflict is checked again for the first time, at most and at least. */
#define CONFLICT_USEC UINT64_C(60000000)
#define CONFLICT_MIN_USEC UINT64_C(1000000)

/* After so many failures --withdraw gives up. */
#define LEAVE_FAILURES_MAX 3U

static int proceed(Sync *s);

/* Short enough that a guest that came back unnoticed has its name again before the other host removes it. */
static uint64_t conflict_delay(const Config *c) {
        uint64_t usec = MIN2(CONFLICT_USEC, c->compare_usec);

        return c->remove_delay_usec > 0 ? MIN2(usec, MAX2(c->remove_delay_usec / 2, CONFLICT_MIN_USEC)) :
                                          usec;
}

static EntryTimes times(const Sync *s) {
        return (EntryTimes) {
                .now = clock_usec(CLOCK_MONOTONIC),
                .remove_delay = s->config->remove_delay_usec,
                .conflict_delay = jitter(conflict_delay(s->config)),
                .conflict_delay_max = jitter(s->config->compare_usec),
                .upsert_only = s->config->upsert_only,
        };
}

void sync_done(Sync *s) {
        s->exchange = exchange_free(s->exchange);
        s->timer = sd_event_source_disable_unref(s->timer);
        s->compare_timer = sd_event_source_disable_unref(s->compare_timer);
        json_decref(s->next);
        entries_done(&s->entries);
}

/* ---- timers ---- */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        return proceed(userdata);
}

static int set_timer(sd_event_source *timer, uint64_t usec) {
        int r;

        if (usec == UINT64_MAX)
                return sd_event_source_set_enabled(timer, SD_EVENT_OFF);
        r = sd_event_source_set_time(timer, usec);
        return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static int schedule_comparison(Sync *s) {
        return set_timer(s->compare_timer, clock_usec(CLOCK_MONOTONIC) + jitter(s->config->compare_usec));
}

static int on_compare(sd_event_source *source, uint64_t usec, void *userdata) {
        Sync *s = userdata;
        EntryTimes t = times(s);
        int r;

        if (!s->exchange && !s->leaving)
                entries_check_all(&s->entries, &t);
        r = schedule_comparison(s);
        return r < 0 ? r : proceed(s);
}

/* ---- one message ---- */

static void log_unmet(const Sync *s, Step step, bool was_conflict) {
        const Entry *entry = s->batch[0];

        log_debug("%s and %zu more: can't %s.", entry->owner, s->n_batch - 1, step_to_text(step));
        if (entry->state == ENTRY_CONFLICT && !was_conflict)
                log_warning("%s isn't this host's in DNS: it has records of another host, another guest, or "
                            "the zone "
                            "itself. They stay.",
                                entry->owner);
}

static void note_unmet(Sync *s, Step step) {
        bool was_conflict = s->batch[0]->state == ENTRY_CONFLICT;
        EntryTimes t = times(s);

        entries_note_unmet(s->batch, s->n_batch, &t);
        log_unmet(s, step, was_conflict);
}

static void note_done(Sync *s, Step step) {
        for (size_t i = 0; i < s->n_batch; i++)
                log_debug("%s: %s done.", s->batch[i]->owner, step_to_text(step));
        entries_note_done(s->batch, s->n_batch);
}

static void note_failure(Sync *s, Answer answer, const char *reason) {
        uint64_t pause = backoff_usec(++s->n_failures, s->config->retry_max_usec);

        if (strcmp(s->failure, reason) != 0)
                log_warning("The update of zone %s at %s failed: %s.",
                                s->config->selection.zones[s->batch[0]->zone], s->config->server, reason);
        (void) snprintf(s->failure, sizeof(s->failure), "%s", reason);
        s->not_before = clock_usec(CLOCK_MONOTONIC) + pause;
        if (answer == ANSWER_REFUSED)
                entries_note_refused(s->batch, s->n_batch, s->not_before);
}

static void note_answered(Sync *s) {
        if (s->failure[0])
                log_notice("The server %s takes updates again.", s->config->server);
        s->failure[0] = '\0';
        s->n_failures = 0;
        s->not_before = 0;
        s->last_usec = clock_usec(CLOCK_REALTIME);
}

static int finish_batch(Sync *s) {
        int r = 0;

        s->n_batch = 0;
        entries_sweep(&s->entries);
        if (s->next) {
                _cleanup_(json_decrefp) json_t *next = TAKE_PTR(s->next);

                r = sync_set_wanted(s, next);
        }
        return r < 0 ? r : proceed(s);
}

static void on_answer(Answer answer, const char *reason, void *userdata) {
        Sync *s = userdata;
        Step step = entry_step(s->batch[0]);
        int r;

        s->n_messages++;
        s->n_bytes += exchange_bytes(s->exchange);
        if (answer == ANSWER_DONE || answer == ANSWER_UNMET)
                note_answered(s);
        else
                note_failure(s, answer, reason);
        if (answer == ANSWER_UNMET)
                note_unmet(s, step);
        if (answer == ANSWER_DONE)
                note_done(s, step);
        s->exchange = exchange_free(s->exchange);
        r = finish_batch(s);
        if (r < 0)
                (void) sd_event_exit(s->event, r);
}

static ldns_pkt *make_message(Sync *s) {
        _cleanup_(update_done) Update u = { 0 };
        const Config *c = s->config;
        size_t zone = s->batch[0]->zone;

        if (update_init(&u, c->selection.zones[zone], zone > 0, c->withdraw_host ?: c->host, c->ttl) < 0)
                return NULL;
        for (size_t i = 0; i < s->n_batch; i++)
                if (update_add(&u, entry_step(s->batch[i]), s->batch[i]->owner, s->batch[i]->wanted) < 0)
                        return NULL;
        return update_sign(&u, s->key);
}

/* Writes new names to the state file before they go out. */
static int record(Sync *s) {
        for (size_t i = 0; i < s->n_batch; i++)
                if (!s->batch[i]->recorded)
                        return state_file_write(s->config, &s->entries);
        return 0;
}

static int send_batch(Sync *s) {
        ldns_pkt *pkt;
        int r;

        r = record(s);
        if (r < 0)
                return r;
        pkt = make_message(s);
        if (!pkt)
                return -ENOMEM;
        return exchange_start(s->event, (const struct sockaddr *) &s->config->address,
                        (socklen_t) s->config->address_size, s->key, pkt, on_answer, s, &s->exchange);
}

/* A message couldn't be sent: there is no route, memory or disk space. */
static int postpone(Sync *s, int error) {
        note_failure(s, ANSWER_LOST, strerror(-error));
        s->n_batch = 0;
        return set_timer(s->timer, s->not_before);
}

/* Withdrawing ends when all names are removed, or the server refuses. */
static bool has_left(Sync *s) {
        if (!s->leaving || (s->entries.n > 0 && s->n_failures < LEAVE_FAILURES_MAX))
                return false;
        (void) sd_event_exit(s->event, s->entries.n > 0 ? -EIO : 0);
        return true;
}

/* Nothing is left to do. */
static int rest(Sync *s) {
        int r = 0;

        for (size_t i = 0; i < s->entries.n; i++)
                if (s->entries.entries[i]->state != ENTRY_SETTLED)
                        return 0;
        if (s->dirty_status && s->config->mode == MODE_SERVE && !s->leaving)
                r = state_file_write(s->config, &s->entries); /* without removed names */
        return r;
}

static int proceed(Sync *s) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC), due;
        int r;

        if (s->exchange || has_left(s))
                return 0;
        if (s->not_before > now) {
                status_file_write(s);
                return set_timer(s->timer, s->not_before);
        }
        s->n_batch = entries_choose(&s->entries, now, s->batch, &due);
        if (s->n_batch == 0) {
                r = rest(s);
                if (r < 0)
                        log_error("The state can't be written to %s: %s.", s->config->state_directory,
                                        strerror(-r));
                s->dirty_status = false;
                status_file_write(s);
                return set_timer(s->timer, due);
        }
        s->dirty_status = true;
        r = send_batch(s);
        return r < 0 ? postpone(s, r) : 0;
}

/* ---- the wanted records ---- */

int sync_start(Sync *s, const Config *c, const Key *key, sd_event *event) {
        uint32_t ttl;
        int r;

        s->config = c;
        s->key = key;
        s->event = event;
        s->recheck = true;
        r = state_file_read(c, &s->entries, &ttl);
        if (r < 0)
                return r;
        s->rewrite = ttl != c->ttl;
        r = sd_event_add_time(event, &s->timer, CLOCK_MONOTONIC, UINT64_MAX, 0, on_timer, s);
        if (r >= 0)
                r = sd_event_add_time(event, &s->compare_timer, CLOCK_MONOTONIC, UINT64_MAX, 0, on_compare,
                                s);
        return r < 0 ? r : schedule_comparison(s);
}

int sync_set_wanted(Sync *s, json_t *wanted) {
        EntryTimes t = times(s);
        int r;

        if (s->leaving)
                return 0;
        if (s->exchange) {
                json_decref(s->next);
                s->next = json_incref(wanted);
                return 0;
        }
        r = entries_update(&s->entries, wanted, s->recheck, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; s->rewrite && i < s->entries.n; i++)
                s->entries.entries[i]->check = false;
        s->recheck = s->rewrite = false;
        entries_sweep(&s->entries);
        return proceed(s);
}

int sync_add(Sync *s, const char *owner, size_t zone) {
        return entries_add_recorded(&s->entries, owner, zone);
}

int sync_leave(Sync *s) {
        s->leaving = true;
        s->exchange = exchange_free(s->exchange);
        s->n_batch = 0;
        s->n_failures = 0;
        s->not_before = 0;
        entries_remove_all(&s->entries);
        return proceed(s);
}
