/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Watching bridges.
 */

#include "seen/watcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "helper/facts-file.h"
#include "helper/rtnl.h"
#include "seen/bridge.h"
#include "seen/claim-log.h"
#include "seen/facts.h"
#include "seen/neighbour.h"
#include "seen/packet-socket.h"
#include "service/address-monitor.h"
#include "service/clock.h"
#include "service/log.h"
#include "util/array.h"

#define SUFFIX ".json"
#define FILE_NAME_SIZE (INTERFACE_NAME_SIZE + sizeof(SUFFIX))

#define DUMP_TRIES 5

/* The number of frames to read before handling the bridges' forwarding databases. */
#define BATCH 32U

/* A watched bridge. */
typedef struct Watched {
        Bridge *bridge;
        PacketSocket *socket;
        uint64_t written; /* when its file was last written */
} Watched;

/* A socket of the event loop. */
typedef struct FrameSource {
        Watcher *watcher;
        PacketSocket socket;
} FrameSource;

struct Watcher {
        sd_event *event;
        sd_event_source *timer;
        int directory_fd, clock_fd;
        Rtnl rtnl;
        Links links;
        HostAddresses host;
        FrameSource sources[SEEN_WATCHED_MAX];
        Watched *watched;
        size_t n_watched;
        Frame frames[BATCH];
        ClaimLog claim_log;
        bool host_changed; /* the host's addresses must be read again */
        bool dump;         /* the forwarding databases must be read again */
        bool too_many_logged;
};

static Moment moment_now(void) {
        return (Moment) { .usec = clock_usec(CLOCK_BOOTTIME), .sec = clock_now() };
}

static Watched *find_watched(const Watcher *w, int bridge) {
        for (size_t i = 0; i < w->n_watched; i++)
                if (w->watched[i].bridge->index == bridge)
                        return w->watched + i;
        return NULL;
}

/* ---- files ---- */

static const char *file_name(const char *bridge, char buffer[static FILE_NAME_SIZE]) {
        (void) snprintf(buffer, FILE_NAME_SIZE, "%s" SUFFIX, bridge);
        return buffer;
}

static void remove_file(const Watcher *w, const Bridge *bridge) {
        char name[FILE_NAME_SIZE];

        (void) unlinkat(w->directory_fd, file_name(bridge->name, name), 0);
}

void watcher_remove_files(const Watcher *w) {
        for (size_t i = 0; i < w->n_watched; i++)
                remove_file(w, w->watched[i].bridge);
}

static void write_file(Watcher *w, Watched *watched, Moment now) {
        _cleanup_(json_freep) json_t *facts = facts_of_bridge(watched->bridge, &w->links);
        char name[FILE_NAME_SIZE];
        int r = -ENOMEM;

        watched->written = now.usec;
        if (facts)
                r = facts_file_write(w->directory_fd, file_name(watched->bridge->name, name), facts);
        watched->bridge->changed = r < 0;
        if (r < 0)
                log_error("%s can't be written: %s.", file_name(watched->bridge->name, name), strerror(-r));
}

/* When the bridge's file must be written; or NEVER. */
static uint64_t write_due(const Watched *watched) {
        if (!watched->bridge->changed)
                return NEVER;
        return watched->written > 0 ? watched->written + SEEN_WRITE_USEC : 0;
}

/* Reads the facts of an earlier run. */
static json_t *read_file(const Watcher *w, const char *name) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = openat(w->directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > LEASE_FILE_SIZE_MAX)
                return NULL;
        return json_loadfd(fd, 0, NULL);
}

static void restore(Watcher *w, Bridge *bridge, Moment now) {
        _cleanup_(json_freep) json_t *facts = NULL;
        char name[FILE_NAME_SIZE];
        size_t n;

        facts = read_file(w, file_name(bridge->name, name));
        n = facts ? facts_restore(bridge, facts, &w->links, now) : 0;
        if (n > 0)
                log_info("%s: confirming %zu earlier addresses again.", bridge->name, n);
}

static bool is_watched_file(const Watcher *w, const char *name) {
        for (size_t i = 0; i < w->n_watched; i++) {
                char buffer[FILE_NAME_SIZE];

                if (strcmp(file_name(w->watched[i].bridge->name, buffer), name) == 0)
                        return true;
        }
        return false;
}

/* Removes the files of bridges that aren't watched any more. */
static void remove_old_files(const Watcher *w) {
        int fd = openat(w->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;

        if (!directory) {
                close_safe(fd);
                return;
        }
        for (const struct dirent *e; (e = readdir(directory));)
                if (strstr(e->d_name, SUFFIX) && !is_watched_file(w, e->d_name))
                        (void) unlinkat(w->directory_fd, e->d_name, 0);
        closedir(directory);
}

/* ---- bridges ---- */

static size_t count_taps(const Links *links, const Link *bridge) {
        size_t n = 0;

        for (size_t i = 0; i < links->n_links; i++)
                if (links->links[i].is_tap && links->links[i].master == bridge->index)
                        n++;
        return n;
}

/* Behind a port without learning, a guest could impersonate any other. */
static bool all_ports_teach(const Links *links, const Link *bridge) {
        for (size_t i = 0; i < links->n_links; i++)
                if (links->links[i].master == bridge->index && links->links[i].learns_not)
                        return false;
        return true;
}

static bool is_worth_watching(const Links *links, const Link *link) {
        return link->is_bridge && link->name[0] != '\0' && count_taps(links, link) > 0 &&
               all_ports_teach(links, link);
}

static PacketSocket *free_socket(Watcher *w) {
        for (size_t i = 0; i < SEEN_WATCHED_MAX; i++)
                if (w->sources[i].socket.bridge == 0)
                        return &w->sources[i].socket;
        return NULL;
}

static void unwatch(Watcher *w, size_t i) {
        Watched *watched = w->watched + i;

        log_info("%s isn't watched any more.", watched->bridge->name);
        remove_file(w, watched->bridge);
        packet_socket_release(watched->socket);
        bridge_free(watched->bridge);
        *watched = w->watched[--w->n_watched];
}

static void update_bridge(const Watcher *w, Bridge *bridge, const Link *link) {
        (void) stpcpy(bridge->name, link->name);
        bridge->mac = link->mac;
        bridge->n_taps = count_taps(&w->links, link);
}

/* Binds the socket first: further events of the bridge follow the dump. */
static int watch(Watcher *w, const Link *link, PacketSocket *socket) {
        _cleanup_(bridge_freep) Bridge *bridge = calloc(1, sizeof(*bridge));
        Watched *grown;
        int r;

        if (!bridge)
                return -ENOMEM;
        grown = array_grow(w->watched, w->n_watched, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        w->watched = grown;
        r = packet_socket_bind(socket, link->index);
        if (r < 0)
                return r;
        *bridge = (Bridge) { .index = link->index, .host = &w->host, .changed = true };
        update_bridge(w, bridge, link);
        restore(w, bridge, moment_now());
        log_info("%s is watched.", bridge->name);
        grown[w->n_watched++] = (Watched) { .bridge = TAKE_PTR(bridge), .socket = socket };
        w->dump = true;
        return 0;
}

static void try_watch(Watcher *w, const Link *link) {
        PacketSocket *socket = free_socket(w);
        int r;

        if (!socket) {
                if (!w->too_many_logged)
                        log_warning("%s isn't watched: %u bridges are already.", link->name,
                                        SEEN_WATCHED_MAX);
                w->too_many_logged = true;
                return;
        }
        r = watch(w, link, socket);
        if (r < 0)
                log_warning("%s can't be watched: %s.", link->name, strerror(-r));
}

static void remove_lost_taps(const Watcher *w, Bridge *bridge) {
        for (size_t i = bridge->n_nics; i-- > 0;) {
                const Link *tap;

                if (i >= bridge->n_nics) /* several vanished at once */
                        continue;
                tap = links_find_index(&w->links, bridge->nics[i]->tap);
                if (!tap || tap->master != bridge->index)
                        bridge_remove_tap(bridge, bridge->nics[i]->tap);
        }
}

/* A renamed bridge gets another file. */
static void follow_bridge(const Watcher *w, Bridge *bridge, const Link *link) {
        if (strcmp(bridge->name, link->name) != 0) {
                remove_file(w, bridge);
                bridge->changed = true;
        }
        update_bridge(w, bridge, link);
        remove_lost_taps(w, bridge);
}

/* Follows changes of links. */
static void follow_links(Watcher *w) {
        w->links.changed = false;
        for (size_t i = w->n_watched; i-- > 0;) {
                Bridge *bridge = w->watched[i].bridge;
                const Link *link = links_find_index(&w->links, bridge->index);

                if (link && is_worth_watching(&w->links, link))
                        follow_bridge(w, bridge, link);
                else
                        unwatch(w, i);
        }
        for (size_t i = 0; i < w->links.n_links; i++) {
                const Link *link = w->links.links + i;

                if (is_worth_watching(&w->links, link) && !find_watched(w, link->index))
                        try_watch(w, link);
        }
}

/* ---- the kernel's reports ---- */

static void take_fdb_entry(Watcher *w, const FdbEntry *entry, Moment now) {
        const Watched *watched = find_watched(w, entry->bridge);
        const Link *bridge = links_find_index(&w->links, entry->bridge);
        const Link *port = links_find_index(&w->links, entry->port);
        int where = entry->learned ? entry->port : PORT_UNKNOWN;
        bool is_tap = entry->learned && port && port->is_tap;

        /* Frames of another VLAN don't reach the bridge itself. */
        if (!watched || !bridge || bridge->vlan != entry->vlan)
                return;
        if (entry->removed)
                bridge_forgot(watched->bridge, &entry->mac, where);
        else
                bridge_learned(watched->bridge, &entry->mac, where, is_tap, now);
}

/* The host's own discovery is a claim like any other. */
static void take_neighbour(Watcher *w, const Neighbour *neighbour, Moment now) {
        const Watched *watched = find_watched(w, neighbour->interface);
        const Claim claim = {
                .mac = neighbour->mac,
                .address = neighbour->address,
                .by = neighbour->address.family == AF_INET ? CLAIM_ARP : CLAIM_ND,
                .in_use = true,
        };

        if (!watched || !address_is_guests(neighbour->address.family, neighbour->address.bytes))
                return;
        if (neighbour->failed)
                bridge_address_failed(watched->bridge, &neighbour->address, now);
        else
                bridge_claim(watched->bridge, &claim, now);
}

static int take_message(void *userdata, const struct nlmsghdr *message) {
        Watcher *w = userdata;
        Neighbour neighbour;
        FdbEntry entry;

        if (message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_DELADDR)
                w->host_changed = true;
        if (fdb_entry_read(message, &entry)) {
                if (w->links.changed)
                        follow_links(w);
                take_fdb_entry(w, &entry, moment_now());
        } else if (neighbour_read(message, &neighbour))
                take_neighbour(w, &neighbour, moment_now());
        return links_take(&w->links, message);
}

static int dump(Watcher *w, uint16_t type, uint8_t family) {
        int r = -EINTR;

        for (unsigned i = 0; i < DUMP_TRIES && (r == -EINTR || r == -ENOBUFS); i++)
                r = rtnl_dump(&w->rtnl, type, family);
        return r;
}

static int dump_links(Watcher *w) {
        int r;

        links_begin_dump(&w->links);
        r = dump(w, RTM_GETLINK, AF_UNSPEC);
        if (r >= 0)
                links_end_dump(&w->links);
        return r;
}

/* Reads the bridges' forwarding databases, and the host's neighbour table. */
static int dump_neighbours(Watcher *w) {
        int r;

        w->dump = false; /* a bridge added meanwhile needs another dump */
        for (size_t i = 0; i < w->n_watched; i++)
                bridge_begin_dump(w->watched[i].bridge);
        r = dump(w, RTM_GETNEIGH, AF_BRIDGE);
        if (r < 0)
                return r;
        for (size_t i = 0; i < w->n_watched; i++)
                bridge_end_dump(w->watched[i].bridge);
        r = dump(w, RTM_GETNEIGH, AF_INET);
        return r < 0 ? r : dump(w, RTM_GETNEIGH, AF_INET6);
}

static int read_host_addresses(Watcher *w) {
        HostAddresses host;
        Moment now;
        int r;

        r = host_addresses_read(&host);
        if (r < 0)
                return r;
        host_addresses_done(&w->host);
        w->host = host;
        w->host_changed = false;
        now = moment_now();
        for (size_t i = 0; i < w->n_watched; i++)
                bridge_host_changed(w->watched[i].bridge, now);
        return 0;
}

/* After lost events, the ports of queued frames are unknown. */
static int recover(Watcher *w) {
        int r;

        log_debug("Events of the kernel were lost.");
        r = dump_links(w);
        if (r < 0)
                return r;
        follow_links(w);
        r = dump_neighbours(w);
        for (size_t i = 0; i < w->n_watched; i++)
                packet_socket_discard(w->watched[i].socket);
        w->host_changed = true;
        return r;
}

/* Handles the results of messages until there are no more. */
static int follow(Watcher *w) {
        int r = 0;

        while (r >= 0 && (w->links.changed || w->dump || w->host_changed)) {
                if (w->links.changed)
                        follow_links(w);
                if (w->dump)
                        r = dump_neighbours(w);
                if (r >= 0 && w->host_changed)
                        r = read_host_addresses(w);
        }
        return r;
}

/* Handles all pending messages of the kernel.  Returns 1 if events, and with them frames read before, were
 * lost; 0; or a negative errno. */
static int take_in(Watcher *w) {
        bool lost = false;
        int r;

        while ((r = rtnl_drain(&w->rtnl)) == -ENOBUFS) {
                lost = true;
                r = recover(w);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = follow(w);
        return r < 0 ? r : lost;
}

/* ---- questions ---- */

static void ask(const Watched *watched, const Question *question) {
        uint8_t frame[QUESTION_SIZE_MAX];
        size_t size = question_frame(question, frame);
        int r = packet_socket_send(watched->socket, question->tap, frame, size);

        /* If there is no answer, the question is sent again. */
        if (r < 0)
                log_debug("A question can't be sent: %s.", strerror(-r));
}

static uint64_t work_on(Watcher *w, Watched *watched, Moment now) {
        Question question;

        while (bridge_next_question(watched->bridge, now, &question))
                ask(watched, &question);
        if (write_due(watched) <= now.usec) {
                write_file(w, watched, now);
                claim_log_refused(&w->claim_log, watched->bridge, &w->links, now);
        }
        return MIN2(bridge_due(watched->bridge, now), write_due(watched));
}

/* Handles the results of messages and frames. */
static int work(Watcher *w) {
        Moment now = moment_now();
        uint64_t due = NEVER;

        for (size_t i = 0; i < w->n_watched; i++)
                due = MIN2(due, work_on(w, w->watched + i, now));
        claim_log_advance(&w->claim_log, now);
        due = MIN2(due, claim_log_due(&w->claim_log));
        if (due == NEVER)
                return sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_time(w->timer, due);
        return sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static int take_in_and_work(Watcher *w) {
        int r;

        r = take_in(w);
        if (r >= 0)
                r = work(w);
        if (r < 0) {
                log_error("The bridges can't be watched: %s.", strerror(-r));
                (void) sd_event_exit(w->event, r);
        }
        return 0;
}

/* ---- events ---- */

static int on_rtnl(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return take_in_and_work(userdata);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        return take_in_and_work(userdata);
}

static int on_clock(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Watcher *w = userdata;

        if (clock_watch_was_set(fd))
                for (size_t i = 0; i < w->n_watched; i++)
                        bridge_clock_set(w->watched[i].bridge, moment_now());
        return take_in_and_work(w);
}

static void judge_frames(Watcher *w, int bridge, size_t n) {
        const Watched *watched = find_watched(w, bridge);
        Moment now = moment_now();

        for (size_t i = 0; watched && i < n; i++) {
                Claim claim;

                if (frame_read(w->frames[i].bytes, w->frames[i].size, &claim))
                        bridge_claim(watched->bridge, &claim, now);
        }
}

/* The order of reading determines the tap of a frame: the kernel reports that a MAC address has moved before
 * it delivers the frame that moved it. */
static int on_frames(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        const FrameSource *from = userdata;
        Watcher *w = from->watcher;
        int bridge = from->socket.bridge, r;
        size_t n;

        n = packet_socket_receive(&from->socket, w->frames, BATCH);
        r = take_in(w);
        if (r == 0)
                judge_frames(w, bridge, n);
        return take_in_and_work(w);
}

static int add_sources(Watcher *w) {
        int r;

        for (size_t i = 0; i < SEEN_WATCHED_MAX; i++) {
                FrameSource *source = w->sources + i;

                source->watcher = w;
                r = sd_event_add_io(w->event, NULL, source->socket.fd, EPOLLIN, on_frames, source);
                if (r < 0)
                        return r;
        }
        r = sd_event_add_io(w->event, NULL, rtnl_fd(&w->rtnl), EPOLLIN, on_rtnl, w);
        if (r >= 0)
                r = sd_event_add_io(w->event, NULL, w->clock_fd, EPOLLIN, on_clock, w);
        if (r >= 0)
                r = sd_event_add_time(w->event, &w->timer, CLOCK_BOOTTIME, NEVER, 1000, on_timer, w);
        return r;
}

/* ---- start and end ---- */

static int open_sockets(Watcher *w) {
        for (size_t i = 0; i < SEEN_WATCHED_MAX; i++) {
                int r = packet_socket_open(&w->sources[i].socket);

                if (r < 0) {
                        log_error("Packet sockets can't be opened: %s%s.", strerror(-r),
                                        r == -EPERM ? "; CAP_NET_RAW is needed" : "");
                        return r;
                }
        }
        return 0;
}

static int open_all(Watcher *w, const char *directory) {
        static const int groups[] = { RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR };
        int r;

        w->directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (w->directory_fd < 0) {
                r = -errno;
                log_error("%s can't be opened: %s.", directory, strerror(-r));
                return r;
        }
        r = open_sockets(w);
        if (r < 0)
                return r;
        r = rtnl_open(&w->rtnl, groups, ELEMENTS(groups), take_message, w);
        if (r >= 0)
                r = w->clock_fd = clock_watch_open();
        if (r < 0)
                log_error("The kernel can't be asked: %s.", strerror(-r));
        return r < 0 ? r : 0;
}

int watcher_new(sd_event *event, const char *directory, Watcher **ret) {
        Watcher *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->event = sd_event_ref(event);
        w->directory_fd = w->clock_fd = -1;
        for (size_t i = 0; i < SEEN_WATCHED_MAX; i++)
                w->sources[i].socket = PACKET_SOCKET_CLOSED;
        r = open_all(w, directory);
        if (r < 0) {
                watcher_free(w);
                return r;
        }
        *ret = w;
        return 0;
}

/* Reads the host's addresses, to judge restored facts, and the bridges' forwarding databases, to send
 * questions. */
int watcher_start(Watcher *w) {
        int r;

        r = add_sources(w);
        if (r >= 0)
                r = dump_links(w);
        if (r >= 0)
                r = read_host_addresses(w);
        if (r >= 0)
                r = take_in(w);
        if (r >= 0) {
                remove_old_files(w);
                r = work(w);
        }
        if (r < 0)
                log_error("The bridges can't be watched: %s.", strerror(-r));
        return r < 0 ? r : 0;
}

Watcher *watcher_free(Watcher *w) {
        if (!w)
                return NULL;
        for (size_t i = 0; i < w->n_watched; i++)
                bridge_free(w->watched[i].bridge);
        free(w->watched);
        for (size_t i = 0; i < SEEN_WATCHED_MAX; i++)
                packet_socket_close(&w->sources[i].socket);
        links_done(&w->links);
        rtnl_done(&w->rtnl);
        host_addresses_done(&w->host);
        sd_event_source_unref(w->timer);
        sd_event_unref(w->event);
        close_safe(w->directory_fd);
        close_safe(w->clock_fd);
        free(w);
        return NULL;
}
