/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ListLeases() and ListNetworks().
 */

#include "service/object-list.h"

#include "service/clock.h"
#include "service/lease-message.h"
#include "service/list-limit.h"
#include "service/reply.h"
#include "service/request.h"

/* ---- leases ---- */

static int check_size(Manager *m, sd_bus_error *error) {
        const Catalog *catalog = m->catalog;
        size_t size = 0;

        for (size_t i = 0; i < catalog->n_leases; i++)
                size += lease_message_size(catalog, catalog->bindings + i);
        return list_limit_check_size(m, size, catalog->n_leases, "leases", error);
}

static int reply_leases(Manager *m, sd_bus_message *call, uint64_t flags, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int64_t now = clock_now();
        int r;

        r = check_size(m, error);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < m->catalog->n_leases; i++) {
                const CatalogBinding *l = m->catalog->bindings + i;

                if (binding_expired(l->binding->expiry, now))
                        continue;
                r = lease_message_append(m, reply, m->catalog, l, flags);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

int method_list_leases(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const char *sender = sd_bus_message_get_sender(call) ?: "";
        Manager *m = userdata;
        uint64_t flags, started;
        int r;

        r = sd_bus_message_read(call, "t", &flags);
        if (r < 0)
                return r;
        if ((r = request_check_flags(flags, error)) < 0 || (r = list_limit_check(m, sender, error)) < 0 ||
                        (r = request_refresh(m, error)) < 0)
                return r;
        started = clock_usec(CLOCK_MONOTONIC);
        r = reply_leases(m, call, flags, error);
        list_limit_charge(m, sender, started, m->catalog->n_leases + m->catalog->n_claims);
        return r;
}

/* ---- networks ---- */

static size_t count_leases(const BindingList *leases, int64_t now) {
        size_t n = 0;

        for (size_t i = 0; leases && i < leases->n_bindings; i++)
                n += !binding_expired(leases->bindings[i].expiry, now);
        return n;
}

/* Appends times and counts of a bridge, from both of its files. */
static int append_network(Manager *m, sd_bus_message *reply, const LeaseFile *status, const LeaseFile *macs) {
        const char *interface = status ? status->interface : macs->interface;
        const BindingList *leases = status && status->document ? status->document->bindings : NULL;
        const MacMap *map = macs && macs->document ? macs->document->macs : NULL;
        const char *error = status && status->error ? status->error : macs ? macs->error : NULL;
        size_t skipped = (leases ? leases->problems.n_skipped : 0) + (map ? map->problems.n_skipped : 0);
        uint64_t read = MAX2(status ? status->read_usec : 0, macs ? macs->read_usec : 0);
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}", "interface", "s", interface, "ifindex",
                        "i", (int) interfaces_index(m->interfaces, interface), "leases", "u",
                        (uint32_t) count_leases(leases, clock_now()), "domains", "u",
                        (uint32_t) (map ? map->n_domains : 0), "skipped", "u", (uint32_t) skipped, "read",
                        "t", read);
        if (r < 0)
                return r;
        r = reply_append_text(reply, "error", error);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

int method_list_networks(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Manager *m = userdata;
        int r;

        r = request_refresh(m, error);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < m->directory->files.n_files; i++) {
                const LeaseFile *f = m->directory->files.files[i], *other;
                bool is_macs = f->kind->type == FILE_MACS;

                if (f->kind->stem != STEM_BRIDGE)
                        continue;
                other = file_set_find(&m->directory->files, f->interface, is_macs ? FILE_STATUS : FILE_MACS);
                if (is_macs && other)
                        continue; /* appended with its .status file */
                r = append_network(m, reply, is_macs ? NULL : f, is_macs ? f : other);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}
