/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bus object.  Every member is unprivileged for sd-bus, which would otherwise ask the bus for the
 * caller's identity, and wait.  The bus policy guards the methods that only root may call.
 */

#include "service/object.h"

#include <limits.h>
#include <stdio.h>

#include "service/clock.h"
#include "service/facts.h"
#include "service/hook.h"
#include "service/lease-message.h"
#include "service/list-limit.h"
#include "service/log.h"
#include "service/object-guests.h"
#include "service/object-list.h"
#include "service/object-resolve.h"
#include "util/protocol.h"

/* ---- methods ---- */

static int method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        int r;

        r = manager_reload(m);
        if (r < 0)
                return r;
        return sd_bus_reply_method_return(call, NULL);
}

static int method_reset_statistics(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        m->statistics = (Statistics) { 0 };
        return sd_bus_reply_method_return(call, NULL);
}

/* ---- signals ---- */

typedef struct Emission {
        Manager *manager;
        size_t n;
} Emission;

/* Appends a lease, or an address that was seen. */
static int append_changed(Manager *m, sd_bus_message *signal, const Catalog *catalog,
                const CatalogBinding *b) {
        return b->binding->source == SOURCE_SEEN ? object_append_seen(m, signal, catalog, b) :
                                                   lease_message_append(m, signal, catalog, b, 0);
}

static void emit_change(ChangeType type, const Catalog *catalog, const CatalogBinding *l,
                const CatalogBinding *was, void *userdata) {
        static const char *const names[][2] = {
                [CHANGE_ADDED] = { "LeaseAdded", "AddressAdded" },
                [CHANGE_REMOVED] = { "LeaseRemoved", "AddressRemoved" },
                [CHANGE_CHANGED] = { "LeaseChanged", "AddressChanged" },
        };
        const char *name = names[type][l->binding->source == SOURCE_SEEN];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;
        Emission *e = userdata;
        Manager *m = e->manager;

        if (e->n++ >= SIGNALS_MAX || !m->bus)
                return;
        if (sd_bus_message_new_signal(m->bus, &signal, SERVICE_PATH, SERVICE_INTERFACE, name) < 0 ||
                        append_changed(m, signal, catalog, l) < 0 || sd_bus_send(m->bus, signal, NULL) < 0)
                log_debug("A change of a lease could not be signalled.");
}

void object_report_changes(Manager *m, const Catalog *before, int64_t before_time, int64_t now) {
        Emission e = { .manager = m };

        /* The first reading isn't a change. */
        if (before_time > 0 && (catalog_compare(SOURCE_LEASE, before, before_time, m->catalog, now,
                                                emit_change, &e) < 0 ||
                                               catalog_compare(SOURCE_SEEN, before, before_time, m->catalog,
                                                               now, emit_change, &e) < 0))
                log_warning("Out of memory: changes of leases are not signalled.");
        if (e.n > SIGNALS_MAX)
                log_notice("%zu leases changed at once; %u of them were signalled.", e.n, SIGNALS_MAX);
        waits_check(m->waits);
}

/* ---- properties ---- */

static int property_get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", PROJECT_VERSION);
}

static int property_get_lease_directory(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        return sd_bus_message_append(reply, "s", m->directory->path);
}

static int property_get_index_file(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        char file[PATH_MAX];
        Manager *m = userdata;

        (void) snprintf(file, sizeof(file), "%s/" INDEX_FILE_NAME, m->publisher.runtime_directory);
        return sd_bus_message_append(reply, "s", file);
}

static int append_names(sd_bus_message *reply, char *const *names, size_t n) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                r = sd_bus_message_append(reply, "s", names[i]);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(reply);
}

static int property_get_domains(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; i < m->policy.n_suffixes && r >= 0; i++) {
                const Suffix *s = m->policy.suffixes + i;
                char text[NAME_SIZE + sizeof(s->interface)];

                (void) snprintf(text, sizeof(text), "%s%s%s", s->name, s->interface[0] != '\0' ? "@" : "",
                                s->interface);
                r = sd_bus_message_append(reply, "s", text);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int property_get_denied(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        return append_names(reply, m->policy.denied, m->policy.n_denied);
}

static int property_get_hostnames(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        return sd_bus_message_append(reply, "b", !m->policy.hostnames_off);
}

static int property_get_reverse(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        return sd_bus_message_append(reply, "b", m->policy.reverse);
}

static int property_get_published(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "b", manager_is_published(userdata));
}

static int property_get_facts(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        const NicList *nics = NULL;
        const SeenBridge *bridges = NULL;
        size_t n_bridges = 0, n_addresses = 0;
        int r;

        (void) manager_refresh(m); /* without memory or descriptors: what was read before */
        if (m->facts) {
                nics = facts_nics(m->facts);
                bridges = facts_bridges(m->facts, &n_bridges);
        }
        for (size_t i = 0; i < n_bridges; i++)
                n_addresses += bridges[i].list->n_addresses;
        r = sd_bus_message_open_container(reply, 'a', "{st}");
        if (r >= 0 && nics)
                r = sd_bus_message_append(reply, "{st}", "network-cards", (uint64_t) nics->n_nics);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{st}{st}", "bridges", (uint64_t) n_bridges, "addresses",
                                (uint64_t) n_addresses);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int property_get_resolve_hook(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;

        return sd_bus_message_append(reply, "s", !HAVE_HOOK ? "unsupported" : m->hook ? "listening" : "off");
}

/* Current values, not counters. */
static int append_hook_statistics(const Manager *m, sd_bus_message *reply) {
#if HAVE_HOOK
        if (m->hook)
                return sd_bus_message_append(reply, "{st}{st}", "hook-connections",
                                (uint64_t) hook_connections(m->hook), "hook-subscribers",
                                (uint64_t) hook_subscribers(m->hook));
#endif
        return 0;
}

/* The number of leases that haven't expired, as in ListLeases(). */
static size_t count_leases(const Catalog *catalog, int64_t now) {
        size_t n = 0;

        for (size_t i = 0; catalog && i < catalog->n_leases; i++)
                n += !binding_expired(catalog->bindings[i].binding->expiry, now);
        return n;
}

static int property_get_statistics(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{st}");
        if (r < 0)
                return r;
        for (int i = 0; i < _STATISTICS_MAX; i++) {
                r = sd_bus_message_append(reply, "{st}", statistics_key(i), m->statistics.counters[i]);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_append(reply, "{st}{st}{st}", "leases",
                        (uint64_t) count_leases(m->catalog, clock_now()), "waits",
                        (uint64_t) waits_count(m->waits), "addresses-dropped", (uint64_t) m->index_dropped);
        if (r < 0)
                return r;
        r = append_hook_statistics(m, reply);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("ResolveHostname",
                        SD_BUS_ARGS("i", ifindex, "s", name, "i", family, "t", flags),
                        SD_BUS_RESULT("a(iiay)", addresses, "s", canonical, "t", result_flags),
                        method_resolve_hostname, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ResolveAddress",
                        SD_BUS_ARGS("i", ifindex, "i", family, "ay", address, "t", flags),
                        SD_BUS_RESULT("a(is)", names, "t", result_flags), method_resolve_address,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("WaitForHostname",
                        SD_BUS_ARGS("i", ifindex, "s", name, "i", family, "t", flags, "t", timeout_usec),
                        SD_BUS_RESULT("a(iiay)", addresses, "s", canonical, "t", result_flags),
                        method_wait_for_hostname, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListLeases", SD_BUS_ARGS("t", flags), SD_BUS_RESULT("aa{sv}", leases),
                        method_list_leases, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListGuests", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", guests),
                        method_list_guests, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListNetworks", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", networks),
                        method_list_networks, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ResetStatistics", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reset_statistics,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("LeaseAdded", SD_BUS_ARGS("a{sv}", lease), 0),
        SD_BUS_SIGNAL_WITH_ARGS("LeaseRemoved", SD_BUS_ARGS("a{sv}", lease), 0),
        SD_BUS_SIGNAL_WITH_ARGS("LeaseChanged", SD_BUS_ARGS("a{sv}", lease), 0),
        SD_BUS_SIGNAL_WITH_ARGS("AddressAdded", SD_BUS_ARGS("a{sv}", address), 0),
        SD_BUS_SIGNAL_WITH_ARGS("AddressRemoved", SD_BUS_ARGS("a{sv}", address), 0),
        SD_BUS_SIGNAL_WITH_ARGS("AddressChanged", SD_BUS_ARGS("a{sv}", address), 0),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("LeaseDirectory", "s", property_get_lease_directory, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("IndexFile", "s", property_get_index_file, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Domains", "as", property_get_domains, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("DeniedNames", "as", property_get_denied, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Hostnames", "b", property_get_hostnames, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Reverse", "b", property_get_reverse, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Published", "b", property_get_published, 0, 0),
        SD_BUS_PROPERTY("Facts", "a{st}", property_get_facts, 0, 0),
        SD_BUS_PROPERTY("ResolveHook", "s", property_get_resolve_hook, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Statistics", "a{st}", property_get_statistics, 0, 0),
        SD_BUS_VTABLE_END,
};

/* sd-bus maps each error to an errno, and looks here first.  For unknown names it searches all maps. */
static const sd_bus_error_map errors[] = {
        SD_BUS_ERROR_MAP(SERVICE_ERROR_NO_SUCH_NAME, ENXIO),
        SD_BUS_ERROR_MAP(SERVICE_ERROR_NO_SUCH_ADDRESS, ENXIO),
        SD_BUS_ERROR_MAP(SERVICE_ERROR_NO_DATA, ENODATA),
        SD_BUS_ERROR_MAP(SERVICE_ERROR_NAME_REFUSED, EACCES),
        SD_BUS_ERROR_MAP(SERVICE_ERROR_TIMED_OUT, ETIMEDOUT),
        SD_BUS_ERROR_MAP(SERVICE_ERROR_LEASES_UNAVAILABLE, EUNATCH),
        SD_BUS_ERROR_MAP_END,
};

int object_setup(Manager *m) {
        int r;

        r = sd_bus_error_add_map(errors);
        if (r < 0)
                return r;
        r = list_limit_new(&m->list_limit);
        if (r < 0)
                return r;
        return waits_new(m, question_answer, &m->waits);
}

int object_add(Manager *m, sd_bus *bus) {
        return sd_bus_add_object_vtable(bus, NULL, SERVICE_PATH, SERVICE_INTERFACE, vtable, m);
}
