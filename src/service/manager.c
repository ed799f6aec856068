/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The manager: connects files, index and bus.
 *
 * The first event of a burst disables the event source; from then on a timer handles the events (see
 * burst.h).  The files are read when the burst ends, or when a lookup needs them: never once for each event.
 */

#include "service/manager.h"

#include <fcntl.h>
#include <malloc.h>
#include <net/if.h>
#include <string.h>
#include <sys/utsname.h>

#include "service/index-build.h"
#include "service/clock.h"
#include "service/facts.h"
#include "service/log.h"
#include "service/sources.h"
#include "service/freshness.h"

/* How often to check for changes that the kernel doesn't report. */
#define LOOK_USEC UINT64_C(1000000)

/* After it has made an index, the service makes no other one by itself for so many times as long: guests can
 * change their addresses at any rate.  A question is answered at once nevertheless. */
#define REST_FACTOR 4U

static int on_directory_event(sd_event_source *s, int fd, uint32_t revents, void *userdata);
static int on_quiet(sd_event_source *s, uint64_t usec, void *userdata);

int manager_error(const Manager *m) {
        int error = m->directory->reading.error;

        return error == -ENOENT && facts_have_guests(m->facts) ? 0 : error;
}

/* ---- publishing ---- */

bool manager_is_published(const Manager *m) {
        return publisher_is_current(&m->publisher, &m->directory->reading.signature);
}

/* Publishes the index, if the directory has settled.  Returns 0; -EAGAIN and when to try again; or another
 * negative errno. */
static int manager_publish(Manager *m, uint64_t *ret_usec) {
        LeaseDirectory *d = m->directory;
        uint64_t usec;
        int r;

        if (manager_is_published(m))
                return 0;
        if (manager_error(m) == -ENOENT)
                r = publisher_publish_absence(&m->publisher, &d->reading.signature);
        else if (d->reading.error < 0 || m->index.fd < 0) {
                publisher_withdraw(&m->publisher);
                return 0;
        } else if (!lease_directory_is_settled(d, &usec)) {
                *ret_usec = usec > 0 ? usec : lease_directory_quiet_usec(d);
                return -EAGAIN;
        } else
                r = publisher_publish(&m->publisher, &m->index, &d->reading.signature);

        m->statistics.counters[STATISTICS_PUBLICATIONS] += r >= 0;
        (void) malloc_trim(0); /* a reading needs twice its final memory, in many pieces */
        return r;
}

/* ---- the index ---- */

static int on_refusals(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        refusals_end(&m->refusals);
        m->refusals_source = sd_event_source_disable_unref(m->refusals_source);
        return 0;
}

static void manager_log_refusals(Manager *m, const Catalog *before) {
        bool running = refusals_log(&m->refusals, before, m->reported_time, m->catalog, clock_now());

        if (running && !m->refusals_source)
                (void) sd_event_add_time(m->event, &m->refusals_source, CLOCK_MONOTONIC,
                                clock_usec(CLOCK_MONOTONIC) + REFUSALS_USEC, 0, on_refusals, m);
}

/* Logs only when leases start or stop being ignored, because guests can change the number. */
static void manager_report_ignored(Manager *m, size_t n) {
        if (n > 0 && !m->ignores_leases)
                log_warning("More than %u leases: %zu are ignored.", CATALOG_LEASES_MAX, n);
        if (n == 0 && m->ignores_leases)
                log_notice("No leases are ignored any more.");
        m->ignores_leases = n > 0;
}

/* Makes the catalog and the index from the data read. */
static int manager_build(Manager *m) {
        _cleanup_(sources_done) CatalogSources sources = { 0 };
        _cleanup_(catalog_freep) Catalog *catalog = NULL;
        int r;

        r = sources_collect(m->directory, m->facts, &m->host, &m->policy, &sources);
        if (r < 0)
                return r;
        r = catalog_new(&sources, &m->policy, CATALOG_LEASES_MAX, &catalog);
        if (r < 0)
                return r;
        r = index_build(catalog, policy_fingerprint(&m->policy), &m->index, &m->index_dropped);
        if (r < 0)
                return r;

        m->catalog = TAKE_PTR(catalog);
        manager_report_ignored(m, m->catalog->n_dropped);
        log_debug("Read %zu leases from %zu files.", m->catalog->n_leases, m->directory->files.n_files);
        return 0;
}

static void manager_watch_expiry(Manager *m, int64_t now) {
        int64_t next = INT64_MAX;

        for (size_t i = 0; m->catalog && i < m->catalog->n_bindings; i++) {
                int64_t expiry = m->catalog->bindings[i].binding->expiry;

                if (expiry >= now && expiry < next)
                        next = expiry;
        }
        (void) sd_event_source_set_enabled(m->expiry_source, SD_EVENT_OFF);
        if (next == INT64_MAX)
                return;

        /* A lease is valid through its last second.  Times farther off are checked again. */
        next = MIN2(next, now + TIMER_MAX_SEC);
        (void) sd_event_source_set_time(m->expiry_source, (uint64_t) (next + 1) * 1000000);
        (void) sd_event_source_set_enabled(m->expiry_source, SD_EVENT_ONESHOT);
}

static void manager_report_changes(Manager *m, const Catalog *before) {
        int64_t now = clock_now();

        m->changed(m, before, m->reported_time, now);
        m->reported_time = now;
        manager_watch_expiry(m, now);
}

static int on_expiry(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        manager_report_changes(m, m->catalog);
        return 0;
}

/* Setting the clock expires leases, or makes expired ones valid again; no other event reports that. */
static int on_clock_set(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        if (!clock_watch_was_set(fd))
                return 0;
        log_info("The clock was set.");
        manager_report_changes(m, m->catalog);
        return 0;
}

/* Replaces the catalog and the index; with none if there is nothing to answer from. */
static int manager_rebuild(Manager *m) {
        _cleanup_(catalog_freep) Catalog *before = TAKE_PTR(m->catalog);
        uint64_t started = clock_usec(CLOCK_MONOTONIC), ended;
        int r = 0;

        index_release(&m->index);
        if (manager_is_published(m))
                publisher_withdraw(&m->publisher); /* its stat signature still matches */
        m->publisher.published = false;
        if (manager_error(m) == 0)
                r = manager_build(m);
        if (r < 0) {
                m->catalog = TAKE_PTR(before); /* the next change is compared with this one */
                return r;
        }

        m->policy_changed = false;
        manager_log_refusals(m, before);
        manager_report_changes(m, before);
        ended = clock_usec(CLOCK_MONOTONIC);
        m->rest_until_usec = ended + REST_FACTOR * (ended - started);
        return 0;
}

static void manager_arm(Manager *m, uint64_t usec) {
        (void) sd_event_source_set_time(m->quiet_source, clock_usec(CLOCK_MONOTONIC) + usec);
        (void) sd_event_source_set_enabled(m->quiet_source, SD_EVENT_ONESHOT);
}

/* The same, unless the timer is set to an earlier time. */
static void manager_arm_by(Manager *m, uint64_t usec) {
        uint64_t time;
        int enabled;

        if (sd_event_source_get_enabled(m->quiet_source, &enabled) >= 0 && enabled != SD_EVENT_OFF &&
                        sd_event_source_get_time(m->quiet_source, &time) >= 0 &&
                        time <= clock_usec(CLOCK_MONOTONIC) + usec)
                return;
        manager_arm(m, usec);
}

/* Writing a file in place doesn't change the directory's stat signature: only withdrawing the published index
 * makes the modules notice. */
static void manager_handle_in_place_write(Manager *m) {
        if (!m->directory->in_place)
                return;
        m->directory->in_place = false;
        publisher_withdraw(&m->publisher);
}

static void manager_read_host_name(Manager *m) {
        struct utsname u;

        if (uname(&u) < 0 || !policy_set_host_name(&m->policy, u.nodename))
                return;
        m->policy_changed = true;
        if (m->catalog)
                log_info("The host's name changed.");
}

static void manager_read_addresses(Manager *m) {
        if (host_refresh(&m->host, m->facts))
                m->policy_changed = true;
}

/* Returns 0 or -ENOMEM. */
static int manager_read_facts(Manager *m) {
        const NetworkSuffixes *networks;
        size_t skipped;
        int r;

        r = m->facts ? facts_refresh(m->facts) : 0;
        if (r < 0)
                return r;
        if (r & FACTS_GUESTS) {
                host_invalidate(&m->host);
                m->policy_changed = true;
        }
        m->networks_changed = m->networks_changed || (r & FACTS_NETWORKS);
        if (!m->networks_changed)
                return 0;
        networks = facts_networks(m->facts);
        r = policy_set_network_suffixes(&m->policy, networks->suffixes, networks->n, &skipped);
        if (r < 0)
                return r;
        m->networks_changed = false;
        m->policy_changed = m->policy_changed || r > 0;
        if (skipped > 0)
                log_notice("%zu DNS domains of networks are ignored: they aren't host names, or are too "
                           "many.",
                                skipped);
        return 0;
}

static int manager_result(const Manager *m) {
        return manager_error(m) < 0 ? REFRESH_NO_SOURCE : REFRESH_DONE;
}

int manager_refresh(Manager *m) {
        LeaseDirectory *d = m->directory;
        int r;

        interfaces_invalidate(m->interfaces);
        manager_read_host_name(m);
        manager_read_addresses(m);
        r = manager_read_facts(m);
        if (r < 0)
                return r;
        if (FRESHNESS_CHECK(STEP_DRAIN))
                (void) lease_directory_drain(d);
        if (!lease_directory_is_stale(d) && !m->policy_changed &&
                        (m->index.fd >= 0 || d->reading.error < 0)) {
                if (!publisher_check(&m->publisher))
                        manager_arm_by(m, 0);
                return manager_result(m);
        }

        m->statistics.counters[STATISTICS_READINGS]++;
        r = lease_directory_read(d);
        m->statistics.counters[STATISTICS_PARSED] += d->files.n_parsed;
        d->files.n_parsed = 0;
        manager_handle_in_place_write(m);
        if (r > 0 || (r == 0 && (m->policy_changed || m->index.fd < 0)))
                r = manager_rebuild(m);
        manager_arm_by(m, lease_directory_quiet_usec(d));
        return r < 0 ? r : manager_result(m);
}

int manager_reload(Manager *m) {
        lease_directory_invalidate(m->directory);
        /* A file may have been written in place without an event. */
        publisher_withdraw(&m->publisher);
        return manager_refresh(m);
}

/* ---- events ---- */

static int on_directory_event(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        if (!lease_directory_drain(m->directory))
                return 0;
        manager_handle_in_place_write(m);
        m->burst.started_usec = clock_usec(CLOCK_MONOTONIC);
        (void) sd_event_source_set_enabled(s, SD_EVENT_OFF);
        manager_arm(m, lease_directory_quiet_usec(m->directory));
        return 0;
}

static int on_quiet(sd_event_source *s, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        uint64_t again = LOOK_USEC, retry;
        BurstStep step;
        bool events;
        int r;

        events = lease_directory_drain(m->directory);
        if (events)
                manager_handle_in_place_write(m);
        step = burst_step(&m->burst, events, waits_count(m->waits) > 0 || m->hook,
                        clock_usec(CLOCK_MONOTONIC));
        if (step == BURST_READ)
                (void) manager_refresh(m);
        if (step != BURST_OVER) {
                manager_arm(m, lease_directory_quiet_usec(m->directory));
                return 0;
        }
        if (m->directory_source)
                (void) sd_event_source_set_enabled(m->directory_source, SD_EVENT_ON);

        r = manager_refresh(m);
        retry = lease_directory_retry_usec(m->directory);
        if (retry > 0)
                again = retry;
        else if (r >= 0)
                r = manager_publish(m, &again);
        if (r < 0 || m->directory->watch.wd < 0 || m->directory->watch.refused ||
                        lease_directory_is_stale(m->directory))
                manager_arm(m, again);
        else
                (void) sd_event_source_set_enabled(m->quiet_source, SD_EVENT_OFF);
        return 0;
}

static int on_host_name(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        manager_read_host_name(m);
        if (m->policy_changed) {
                publisher_withdraw(&m->publisher);
                manager_arm(m, 0);
        }
        return 0;
}

/* The kernel signals an error condition on this file when the host's name changes. */
static int manager_watch_host_name(Manager *m) {
        m->host_name_fd = open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (m->host_name_fd < 0) {
                log_warning("Changes of the host's name can't be watched: %m.");
                return 0;
        }
        return sd_event_add_io(m->event, &m->host_name_source, m->host_name_fd, 0, on_host_name, m);
}

static int on_addresses(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        manager_read_addresses(m);
        if (m->policy_changed) {
                publisher_withdraw(&m->publisher);
                manager_arm(m, 0);
        }
        return 0;
}

static int manager_watch_addresses(Manager *m) {
        host_open(&m->host);
        if (m->host.fd < 0)
                return 0;
        return sd_event_add_io(m->event, &m->addresses_source, m->host.fd, EPOLLIN, on_addresses, m);
}

static void on_facts(void *userdata) {
        Manager *m = userdata;
        uint64_t now = clock_usec(CLOCK_MONOTONIC);

        if (manager_read_facts(m) < 0 || m->policy_changed) {
                /* The stat signature doesn't show that the published index is out of date. */
                publisher_withdraw(&m->publisher);
                manager_arm_by(m, m->rest_until_usec > now ? m->rest_until_usec - now : 0);
        }
}

int manager_use_facts(Manager *m, const char *domains_directory, const char *seen_directory) {
        return facts_new(m->event, domains_directory, seen_directory, on_facts, m, &m->facts);
}

static int on_mounts(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        if (lease_directory_is_stale(m->directory))
                manager_arm_by(m, 0);
        return 0;
}

/* Mounting over the lease directory causes no inotify event, but this file becomes readable after each change
 * of the mounts. */
static int manager_watch_mounts(Manager *m) {
        int fd, r;

        fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0) {
                log_warning("Mounts can't be watched (%m): one over the lease directory is seen by the next "
                            "lookup.");
                return 0;
        }
        r = sd_event_add_io(m->event, &m->mounts_source, fd, EPOLLPRI, on_mounts, m);
        if (r < 0) {
                close_safe(fd);
                return r;
        }
        return sd_event_source_set_io_fd_own(m->mounts_source, true);
}

static int manager_watch_clock(Manager *m) {
        m->clock_fd = clock_watch_open();
        if (m->clock_fd < 0) {
                log_warning("Changes of the clock can't be watched: %s.", strerror(-m->clock_fd));
                return 0;
        }
        return sd_event_add_io(m->event, &m->clock_source, m->clock_fd, EPOLLIN, on_clock_set, m);
}

static int manager_watch_directory(Manager *m) {
        int r;

        r = sd_event_add_time(m->event, &m->quiet_source, CLOCK_MONOTONIC, 0, 1, on_quiet, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->quiet_source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->expiry_source, CLOCK_REALTIME, 0, 1, on_expiry, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->expiry_source, SD_EVENT_OFF);
        if (r < 0 || m->directory->watch.inotify_fd < 0)
                return r;
        return sd_event_add_io(m->event, &m->directory_source, m->directory->watch.inotify_fd, EPOLLIN,
                        on_directory_event, m);
}

int manager_new(sd_event *event, const char *lease_directory, const char *runtime_directory,
                NamePolicy *policy, Manager **ret) {
        _cleanup_(manager_freep) Manager *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->index.fd = m->host_name_fd = m->clock_fd = m->host.fd = -1;
        m->event = sd_event_ref(event);
        m->policy = *policy;
        *policy = (NamePolicy) { 0 };

        r = publisher_init(&m->publisher, runtime_directory);
        if (r < 0)
                return r;
        r = lease_directory_new(lease_directory, &m->directory);
        if (r < 0)
                return r;
        r = interfaces_new(&m->interfaces);
        if (r < 0)
                return r;
        if ((r = manager_watch_directory(m)) < 0 || (r = manager_watch_host_name(m)) < 0 ||
                        (r = manager_watch_mounts(m)) < 0 || (r = manager_watch_addresses(m)) < 0 ||
                        (r = manager_watch_clock(m)) < 0)
                return r;

        manager_read_host_name(m);
        publisher_adopt(&m->publisher, policy_fingerprint(&m->policy));
        *ret = TAKE_PTR(m);
        return 0;
}

Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;
        sd_event_source_unref(m->directory_source);
        sd_event_source_unref(m->quiet_source);
        sd_event_source_unref(m->host_name_source);
        sd_event_source_unref(m->mounts_source);
        sd_event_source_unref(m->expiry_source);
        sd_event_source_unref(m->clock_source);
        sd_event_source_unref(m->refusals_source);
        refusals_end(&m->refusals);
        waits_free(m->waits);
        free(m->list_limit);
        sd_event_source_unref(m->addresses_source);
        host_done(&m->host);
        close_safe(m->host_name_fd);
        close_safe(m->clock_fd);
        index_release(&m->index);
        catalog_free(m->catalog);
        lease_directory_free(m->directory);
        facts_free(m->facts);
        interfaces_free(m->interfaces);
        policy_clear(&m->policy);
        sd_event_unref(m->event);
        publisher_done(&m->publisher);
        free(m);
        return NULL;
}

void manager_start(Manager *m) {
        manager_arm(m, 0);
}
