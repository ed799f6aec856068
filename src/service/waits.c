/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Waiting calls.  Two asynchronous calls to the bus identify a caller: a match for the loss of its name,
 * followed by the query for its user, which fails if the caller has left already.
 */

#include "service/waits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "service/clock.h"
#include "service/manager.h"
#include "service/users.h"
#include "util/bus-message.h"
#include "util/protocol.h"
#include "util/text.h"

#define UID_UNKNOWN ((uid_t) -1)

typedef struct Peer Peer;

/* A waiting call. */
typedef struct Wait {
        Peer *peer;
        sd_bus_message *call;
        Question question;
        sd_event_source *timer;
        LIST_ENTRY(Wait) of_peer;
} Wait;

/* A connection with waiting calls. */
struct Peer {
        Waits *waits;
        char *name; /* its unique name on the bus */
        uid_t uid;
        size_t n_waits;
        LIST_HEAD(, Wait) list;
        sd_bus_slot *match, *uid_call;
        LIST_ENTRY(Peer) of_waits;
};

struct Waits {
        Manager *manager;
        WaitAnswer answer;
        size_t n_waits;
        LIST_HEAD(, Peer) peers;
};

static void wait_free(Wait *w) {
        LIST_REMOVE(w, of_peer);
        w->peer->n_waits--;
        w->peer->waits->n_waits--;
        sd_event_source_disable_unref(w->timer);
        sd_bus_message_unref(w->call);
        free(w);
}

static void peer_free(Peer *p) {
        for (Wait *w; (w = LIST_FIRST(&p->list));)
                wait_free(w);
        LIST_REMOVE(p, of_waits);
        sd_bus_slot_unref(p->match);
        sd_bus_slot_unref(p->uid_call);
        free(p->name);
        free(p);
}

/* Stops watching a connection without further waiting calls. */
static void wait_finish(Wait *w) {
        Peer *p = w->peer;

        wait_free(w);
        if (p->n_waits == 0)
                peer_free(p);
}

static void wait_fail_for_limit(Wait *w, const char *limit) {
        w->peer->waits->manager->statistics.counters[STATISTICS_LIMITED]++;
        (void) sd_bus_reply_method_errorf(w->call, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many calls wait %s",
                        limit);
}

static size_t waits_of_user(const Waits *waits, uid_t uid) {
        const Peer *p;
        size_t n = 0;

        LIST_FOREACH(p, &waits->peers, of_waits)
                if (p->uid == uid)
                        n += p->n_waits;
        return n;
}

static int on_timeout(sd_event_source *s, uint64_t usec, void *userdata) {
        char text[TEXT_NAME_SIZE];
        Wait *w = userdata;

        w->peer->waits->manager->statistics.counters[STATISTICS_WAITS_TIMED_OUT]++;
        (void) sd_bus_reply_method_errorf(w->call, SERVICE_ERROR_TIMED_OUT, "'%s' got no address in time",
                        text_escape(w->question.name, text, sizeof(text)));
        wait_finish(w);
        return 0;
}

static void peer_gone(Peer *p) {
        p->waits->manager->statistics.counters[STATISTICS_WAITS_GONE] += p->n_waits;
        peer_free(p);
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const char *name, *from, *to;

        if (bus_message_is_from(message, "org.freedesktop.DBus") &&
                        sd_bus_message_read(message, "sss", &name, &from, &to) >= 0 && to[0] == '\0')
                peer_gone(userdata);
        return 0;
}

static int on_uid(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Peer *p = userdata;
        uint32_t uid;
        Wait *w;

        if (sd_bus_message_is_method_error(message, NULL) || sd_bus_message_read(message, "u", &uid) < 0) {
                peer_gone(p);
                return 0;
        }
        p->uid_call = sd_bus_slot_unref(p->uid_call);
        p->uid = uid;
        while (p->n_waits > 0 && waits_of_user(p->waits, p->uid) > WAITS_USER_MAX) {
                w = LIST_FIRST(&p->list); /* the newest call */
                wait_fail_for_limit(w, "for this user");
                wait_free(w);
        }
        if (p->n_waits == 0)
                peer_free(p);
        return 0;
}

/* Without this handler, sd-bus would close the connection if the bus refuses another match. */
static int on_match(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Peer *p = userdata;

        if (!sd_bus_message_is_method_error(message, NULL))
                return 0;
        for (Wait *w; (w = LIST_FIRST(&p->list));) {
                wait_fail_for_limit(w, "on this bus");
                wait_free(w);
        }
        peer_free(p);
        return 0;
}

static int peer_watch(Peer *p, sd_bus *bus) {
        char match[256];
        int r;

        (void) snprintf(match, sizeof(match),
                        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
                        p->name);
        r = sd_bus_add_match_async(bus, &p->match, match, on_owner_changed, on_match, p);
        if (r < 0)
                return r;
        return sd_bus_call_method_async(bus, &p->uid_call, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "GetConnectionUnixUser", on_uid, p, "s", p->name);
}

static int waits_peer(Waits *waits, sd_bus_message *call, Peer **ret) {
        const char *name = sd_bus_message_get_sender(call);
        Peer *p;
        int r;

        if (!name)
                return -ENOTCONN;
        LIST_FOREACH(p, &waits->peers, of_waits)
                if (strcmp(p->name, name) == 0) {
                        *ret = p;
                        return 0;
                }

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        LIST_INIT(&p->list);
        LIST_INSERT_HEAD(&waits->peers, p, of_waits);
        p->waits = waits;
        p->uid = UID_UNKNOWN;
        p->name = strdup(name);
        r = p->name ? peer_watch(p, sd_bus_message_get_bus(call)) : -ENOMEM;
        if (r < 0) {
                peer_free(p);
                return r;
        }
        *ret = p;
        return 0;
}

static int peer_add(Peer *p, sd_bus_message *call, const Question *question, uint64_t timeout_usec) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC);
        int r = 0;
        Wait *w;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->peer = p;
        w->call = sd_bus_message_ref(call);
        w->question = *question;
        LIST_INSERT_HEAD(&p->list, w, of_peer);
        p->n_waits++;
        p->waits->n_waits++;

        if (timeout_usec < (uint64_t) TIMER_MAX_SEC * 1000000)
                r = sd_event_add_time(p->waits->manager->event, &w->timer, CLOCK_MONOTONIC,
                                now + timeout_usec, 1, on_timeout, w);
        if (r < 0)
                wait_free(w);
        return r;
}

static bool peer_is_system(const Peer *p) {
        return p->uid != UID_UNKNOWN && uid_is_system(p->uid);
}

/* Makes room for one more call of a connection: fails the newest call of the connection with the most, unless
 * it is root's or a system user's. */
static bool waits_make_room(Waits *waits, const Peer *peer) {
        Peer *p, *victim = NULL;
        Wait *newest;

        if (waits->n_waits < WAITS_MAX)
                return true;
        LIST_FOREACH(p, &waits->peers, of_waits)
                if (p != peer && !peer_is_system(p) && (!victim || p->n_waits > victim->n_waits))
                        victim = p;
        if (!victim || (!peer_is_system(peer) && victim->n_waits <= peer->n_waits + 1))
                return false;
        newest = LIST_FIRST(&victim->list);
        wait_fail_for_limit(newest, "in all");
        wait_finish(newest);
        return true;
}

int waits_add(Waits *waits, sd_bus_message *call, const Question *question, uint64_t timeout_usec,
                sd_bus_error *error) {
        Peer *p;
        int r;

        r = waits_peer(waits, call, &p);
        if (r < 0)
                return r;

        /* While its user is unknown, a connection may use its own limit. */
        if (p->n_waits >= WAITS_CONNECTION_MAX ||
                        (p->uid != UID_UNKNOWN && waits_of_user(waits, p->uid) >= WAITS_USER_MAX) ||
                        !waits_make_room(waits, p)) {
                waits->manager->statistics.counters[STATISTICS_LIMITED]++;
                r = sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many calls wait already");
        } else
                r = peer_add(p, call, question, timeout_usec);
        if (r < 0 && p->n_waits == 0)
                peer_free(p);
        return r;
}

void waits_check(Waits *waits) {
        Peer *p, *next_peer;
        Wait *w, *next;

        for (p = LIST_FIRST(&waits->peers); p; p = next_peer) {
                next_peer = LIST_NEXT(p, of_waits);
                for (w = LIST_FIRST(&p->list); w; w = next) {
                        int r = waits->answer(waits->manager, w->call, &w->question);

                        next = LIST_NEXT(w, of_peer);
                        if (r == 0)
                                continue;
                        if (r < 0)
                                (void) sd_bus_reply_method_errno(w->call, r, NULL);
                        waits->manager->statistics.counters[STATISTICS_WAITS_ANSWERED] += r > 0;
                        wait_free(w);
                }
                if (p->n_waits == 0)
                        peer_free(p);
        }
}

int waits_new(Manager *m, WaitAnswer answer, Waits **ret) {
        Waits *waits;

        waits = calloc(1, sizeof(*waits));
        if (!waits)
                return -ENOMEM;
        waits->manager = m;
        waits->answer = answer;
        LIST_INIT(&waits->peers);
        *ret = waits;
        return 0;
}

void waits_clear(Waits *waits) {
        for (Peer *p; (p = LIST_FIRST(&waits->peers));)
                peer_gone(p);
}

Waits *waits_free(Waits *waits) {
        if (!waits)
                return NULL;
        waits_clear(waits);
        free(waits);
        return NULL;
}

size_t waits_count(const Waits *waits) {
        return waits->n_waits;
}
