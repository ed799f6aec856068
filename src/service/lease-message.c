/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/lease-message.h"

#include <string.h>

#include "names/explain.h"
#include "service/clock.h"
#include "service/reply.h"

/* Bytes of a dictionary's entry, in addition to its key and text. */
#define ENTRY_SIZE 24U

/* Whether claim i gives the lease a name that no earlier claim gives it. */
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

int lease_message_append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
                uint64_t flags) {
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

int lease_message_append_explanation(sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l) {
        _cleanup_(explanation_done) Explanation e = { 0 };
        int r;

        r = catalog_explain(catalog, l, clock_now(), &e);
        if (r < 0 || !e.text)
                return r;
        return sd_bus_message_append(reply, "{sv}{sv}", "refused", "s", e.text, "superseded", "b",
                        (int) e.superseded);
}

int lease_message_append(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *l,
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
                        (r = reply_append_text(reply, "mac-address",
                                         lease->has_mac ? mac_format(&lease->mac, mac) : NULL)) < 0 ||
                        (r = reply_append_text(reply, "hostname", lease->hostname)) < 0 ||
                        (r = reply_append_text(reply, "domain", l->domain)) < 0 ||
                        (r = reply_append_text(reply, "client-id", lease->client_id)) < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}", "expiry", "t", (uint64_t) usec_from_seconds(lease->expiry));
        if (r < 0)
                return r;
        if ((r = lease_message_append_names(reply, catalog, l, flags)) < 0 ||
                        (r = lease_message_append_explanation(reply, catalog, l)) < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

static size_t text_size(const char *key, const char *value) {
        return value ? ENTRY_SIZE + strlen(key) + strlen(value) : 0;
}

/* Returns the largest size if there is no memory. */
static size_t explanation_size(const Catalog *catalog, const CatalogBinding *l) {
        _cleanup_(explanation_done) Explanation e = { 0 };

        if (catalog_explain(catalog, l, clock_now(), &e) < 0)
                return LIST_SIZE_MAX;
        return e.text ? text_size("refused", e.text) + text_size("superseded", "") : 0;
}

size_t lease_message_size(const Catalog *catalog, const CatalogBinding *l) {
        size_t n = text_size("ifindex", "") + text_size("family", "") + text_size("expiry", "") +
                   text_size("names", "");

        n += text_size("address", "") + address_length(l->binding->address.family);
        n += text_size("interface", catalog->networks[l->network].interface);
        n += text_size("mac-address", l->binding->has_mac ? "00:00:00:00:00:00" : NULL);
        n += text_size("hostname", l->binding->hostname);
        n += text_size("domain", l->domain);
        n += text_size("client-id", l->binding->client_id);
        n += explanation_size(catalog, l);
        for (uint32_t i = l->first_claim; i < l->first_claim + l->n_claims; i++)
                n += 8 + strlen(catalog->claims[i].name);
        return n;
}
