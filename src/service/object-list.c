/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ListLeases() and ListNetworks(), and a lease as a dictionary.
 */

#include "service/object-list.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "names/explain.h"
#include "service/clock.h"
#include "service/reply.h"
#include "service/request.h"

/* Whether a lease's claim number i gives it a name that no earlier one did. */
static bool claim_counts(const Catalog *catalog, const CatalogBinding *l, uint32_t i, uint64_t flags) {
        const Claim *c = catalog->claims + i;
        int64_t now = clock_now();

        if (claim_judge(c, now) != NAME_GOOD || !flags_want(flags, c->variant))
                return false;
        for (uint32_t k = l->first_claim; k < i; k++) {
                const Claim *earlier = catalog->claims + k;

                if (claim_judge(earlier, now) == NAME_GOOD && flags_want(flags, earlier->variant) &&
                    strcmp(earlier->key, c->key) == 0)
                        return false;
        }
        return true;
}

int object_append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l, uint64_t flags) {
        int r;

        r = reply_open_entry(reply, "names", "as");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r < 0)
                return r;
        for (uint32_t i = l->first_claim; i < l->first_claim + l->n_claims; i++) {
                if (!claim_counts(catalog, l, i, flags))
                        continue;
                r = sd_bus_message_append(reply, "s", catalog->claims[i].name);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : reply_close_entry(reply);
}

int object_append_explanation(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l) {
        _cleanup_(explanation_done) Explanation e = { 0 };
        int r;

        r = catalog_explain(catalog, l, clock_now(), &e);
        if (r < 0 || !e.text)
                return r;
        return sd_bus_message_append(reply, "{sv}{sv}", "refused", "s", e.text, "superseded", "b",
                        (int) e.superseded);
}

int object_append_lease(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags) {
        const char *interface = catalog->networks[l->network].interface;
        const Binding *lease = l->binding;
        char mac[MAC_TEXT_MAX];
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "interface", "s", interface, "ifindex", "i",
                        (int) interfaces_index(m->interfaces, interface), "family", "i",
                        (int) lease->address.family);
        if (r < 0)
                return r;
        if ((r = reply_append_address(reply, &lease->address)) < 0 ||
            (r = reply_append_text(reply, "mac-address", lease->has_mac ? mac_format(&lease->mac, mac) : NULL)) < 0 ||
            (r = reply_append_text(reply, "hostname", lease->hostname)) < 0 ||
            (r = reply_append_text(reply, "domain", l->domain)) < 0 ||
            (r = reply_append_text(reply, "client-id", lease->client_id)) < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}", "expiry", "t",
                        (uint64_t) usec_from_seconds(lease->expiry));
        if (r < 0)
                return r;
        if ((r = object_append_names(reply, catalog, l, flags)) < 0 ||
            (r = object_append_explanation(reply, catalog, l)) < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

static size_t align(size_t n, size_t to) {
        return (n + to - 1) / to * to;
}

/* The size in a message of a dictionary's entry {sv} whose value is a string; NULL: no entry. */
static size_t text_size(const char *key, const char *value) {
        return value ? align(align(4 + strlen(key) + 4, 4) + 4 + strlen(value) + 1, 8) : 0;
}

/* The size in a message of what object_append_explanation() appends, or of so much that there is no room if memory
 * is short. */
static size_t explanation_size(const Catalog *catalog, const CatalogBinding *l) {
        _cleanup_(explanation_done) Explanation e = { 0 };

        if (catalog_explain(catalog, l, clock_now(), &e) < 0)
                return LIST_SIZE_MAX;
        return e.text ? text_size("refused", e.text) + 32 : 0;
}

/* The size in a message of what object_append_lease() appends. */
static size_t lease_size(const Catalog *catalog, const CatalogBinding *l) {
        /* array, ifindex, family, expiry, address, names */
        size_t n = 8 + 24 + 24 + 24 + align(20 + address_length(l->binding->address.family), 8), names = 20;

        n += text_size("interface", catalog->networks[l->network].interface);
        n += text_size("mac-address", l->binding->has_mac ? "00:00:00:00:00:00" : NULL);
        n += text_size("hostname", l->binding->hostname);
        n += text_size("domain", l->domain);
        n += text_size("client-id", l->binding->client_id);
        n += explanation_size(catalog, l);
        for (uint32_t i = l->first_claim; i < l->first_claim + l->n_claims; i++)
                names += align(4 + strlen(catalog->claims[i].name) + 1, 4);
        return n + align(names, 8);
}

static int check_list_size(Manager *m, sd_bus_error *error) {
        const Catalog *catalog = m->catalog;
        size_t size = 0;

        for (size_t i = 0; i < catalog->n_leases; i++)
                size += lease_size(catalog, catalog->bindings + i);
        if (size <= LIST_SIZE_MAX)
                return 0;
        m->statistics.counters[STATISTICS_LIMITED]++;
        return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "%zu leases are too many for one reply",
                        catalog->n_leases);
}

/* What follows listings: CLOCK_MONOTONIC, µs. */
struct ListRest {
        uint64_t all_until, sender_until;
        char sender[64];
};

int list_rest_new(ListRest **ret) {
        ListRest *rest = calloc(1, sizeof(*rest));

        if (!rest)
                return -ENOMEM;
        *ret = rest;
        return 0;
}

int list_rest_check(Manager *m, const char *sender, sd_bus_error *error) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC);

        uint64_t n_unsent = 0;

        (void) sd_bus_get_n_queued_write(m->bus, &n_unsent);
        if (n_unsent <= LIST_UNSENT_MAX && now + LIST_LONG_USEC >= m->list_rest->all_until &&
            (now + LIST_LONG_USEC >= m->list_rest->sender_until || strcmp(sender, m->list_rest->sender) != 0))
                return 0;
        m->statistics.counters[STATISTICS_LIMITED]++;
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "Listing so many leases takes long, and was done just now; try again in some seconds");
}

/* Rests add up, so that many short listings are as good as a long one. */
void list_rest_add(Manager *m, const char *sender, uint64_t started) {
        uint64_t took = clock_usec(CLOCK_MONOTONIC) - started;
        ListRest *rest = m->list_rest;

        if (strcmp(sender, rest->sender) != 0)
                rest->sender_until = 0;
        rest->all_until = MAX2(rest->all_until, started) + 2 * took;
        rest->sender_until = MAX2(rest->sender_until, started) + (1 + LIST_REST_SENDER) * took;
        (void) snprintf(rest->sender, sizeof(rest->sender), "%s", sender);
}

static int reply_leases(Manager *m, sd_bus_message *call, uint64_t flags, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int64_t now = clock_now();
        int r;

        r = check_list_size(m, error);
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
                r = object_append_lease(m, reply, m->catalog, l, flags);
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
        if ((r = request_check_flags(flags, error)) < 0 || (r = list_rest_check(m, sender, error)) < 0 ||
            (r = request_refresh(m, error)) < 0)
                return r;
        started = clock_usec(CLOCK_MONOTONIC);
        r = reply_leases(m, call, flags, error);
        list_rest_add(m, sender, started);
        return r;
}

static size_t count_leases(const BindingList *leases, int64_t now) {
        size_t n = 0;

        for (size_t i = 0; leases && i < leases->n_bindings; i++)
                n += !binding_expired(leases->bindings[i].expiry, now);
        return n;
}

/* Times and counts of a bridge, from both of its files. */
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
        r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}", "interface", "s", interface, "ifindex", "i",
                        (int) interfaces_index(m->interfaces, interface), "leases", "u",
                        (uint32_t) count_leases(leases, clock_now()), "domains", "u",
                        (uint32_t) (map ? map->n_domains : 0), "skipped", "u", (uint32_t) skipped, "read", "t",
                        read);
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
                        continue; /* comes with its .status */
                r = append_network(m, reply, is_macs ? NULL : f, is_macs ? f : other);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}
