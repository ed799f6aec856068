/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ListGuests(): a dictionary for each network card of a running domain, containing one for each address.
 */

#include "service/object-guests.h"

#include <string.h>

#include "names/guests.h"
#include "service/clock.h"
#include "service/facts.h"
#include "service/lease-message.h"
#include "service/list-limit.h"
#include "service/reply.h"
#include "service/request.h"

/* The maximum size of a guest, an address or a port in a message, without foreign texts. */
#define GUEST_SIZE 512U
#define ADDRESS_SIZE 640U
#define PORT_SIZE 192U

typedef struct Listed {
        Manager *manager;
        sd_bus_message *reply;
        GuestList guests;
        const SeenBridge *bridges;
        size_t n_bridges;
        int64_t now;
} Listed;

/* ---- addresses ---- */

static const char *source_text(const GuestAddress *a) {
        static const char *const texts[_BINDING_SOURCE_MAX] = {
                [SOURCE_LEASE] = "lease",
                [SOURCE_STATIC] = "static",
                [SOURCE_SEEN] = "seen",
        };

        return texts[a->seen ? SOURCE_SEEN : a->binding->binding->source];
}

static int append_seen(sd_bus_message *reply, const JudgedAddress *j) {
        int r;

        r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "first-seen", "t",
                        (uint64_t) usec_from_seconds(j->seen.first_seen), "confirmed", "t",
                        (uint64_t) usec_from_seconds(j->seen.confirmed), "contested", "b",
                        (int) j->seen.contested);
        if (r < 0)
                return r;
        r = reply_append_text(reply, "tap", j->seen.tap[0] != '\0' ? j->seen.tap : NULL);
        if (r < 0)
                return r;
        r = reply_append_text(reply, "rival", j->rival);
        return r < 0 ? r : reply_append_text(reply, "by", j->seen.by);
}

/* Appends the names of the address, or why it is refused. */
static int append_verdict(const Listed *l, const GuestAddress *a) {
        const Catalog *catalog = l->manager->catalog;
        int r = 0;

        if (a->seen && judged_verdict(a->seen, l->now) != SEEN_GOOD)
                return reply_append_text(l->reply, "refused",
                                judged_reason(a->seen, judged_verdict(a->seen, l->now)));
        if (a->binding)
                r = lease_message_append_names(l->reply, catalog, a->binding, 0);
        return r < 0 || !a->binding ? r : lease_message_append_explanation(l->reply, catalog, a->binding);
}

int object_append_seen(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogBinding *b) {
        const char *interface = catalog->networks[b->network].interface;
        const JudgedAddress *j = catalog->seen + b->binding->position;
        char mac[MAC_TEXT_MAX];
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "domain", "s", j->domain,
                        "mac-address", "s", mac_format(&j->seen.mac, mac), "interface", "s", interface,
                        "ifindex", "i", (int) interfaces_index(m->interfaces, interface), "source", "s",
                        "seen", "family", "i", (int) j->seen.address.family, "expiry", "t",
                        (uint64_t) usec_from_seconds(b->binding->expiry));
        if (r >= 0)
                r = reply_append_address(reply, &j->seen.address);
        if (r >= 0)
                r = append_seen(reply, j);
        if (r >= 0)
                r = lease_message_append_names(reply, catalog, b, 0);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_guest_address(const Listed *l, const GuestAddress *a) {
        const Address *address = a->seen ? &a->seen->seen.address : &a->binding->binding->address;
        int64_t expiry = a->seen ? seen_address_end(&a->seen->seen) : a->binding->binding->expiry;
        int r;

        r = sd_bus_message_open_container(l->reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(l->reply, "{sv}{sv}{sv}{sv}", "source", "s", source_text(a), "family", "i",
                        (int) address->family, "expiry", "t", (uint64_t) usec_from_seconds(expiry),
                        "answered", "b", (int) guest_address_is_answered(l->manager->catalog, a, l->now));
        if (r >= 0)
                r = reply_append_address(l->reply, address);
        if (r >= 0 && a->binding)
                r = reply_append_text(l->reply, "hostname", a->binding->binding->hostname);
        if (r >= 0 && a->seen)
                r = append_seen(l->reply, a->seen);
        if (r >= 0)
                r = append_verdict(l, a);
        return r < 0 ? r : sd_bus_message_close_container(l->reply);
}

static int append_addresses(const Listed *l, const Guest *guest) {
        int r;

        r = reply_open_entry(l->reply, "addresses", "aa{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(l->reply, 'a', "a{sv}");
        for (size_t i = 0; i < guest->n_addresses && r >= 0; i++) {
                const GuestAddress *a = guest->addresses + i;

                if (!a->seen && binding_expired(a->binding->binding->expiry, l->now))
                        continue;
                r = append_guest_address(l, a);
        }
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(l->reply);
        return r < 0 ? r : reply_close_entry(l->reply);
}

/* ---- ports ---- */

static int append_port(sd_bus_message *reply, const StatedPort *port) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "protocol", "s", port->is_udp ? "udp" : "tcp",
                        "host", "q", port->host, "guest", "q", port->guest);
        if (r < 0)
                return r;
        r = reply_append_text(reply, "address", port->address);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_ports(sd_bus_message *reply, const StatedNic *nic) {
        int r;

        if (nic->n_ports == 0)
                return 0;
        r = reply_open_entry(reply, "ports", "aa{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; i < nic->n_ports && r >= 0; i++)
                r = append_port(reply, nic->ports + i);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : reply_close_entry(reply);
}

/* ---- guests ---- */

static int append_nic(sd_bus_message *reply, const StatedNic *nic) {
        int r;

        if ((r = reply_append_text(reply, "uuid", nic->uuid)) < 0 ||
                        (r = reply_append_text(reply, "type", nic->type)) < 0 ||
                        (r = reply_append_text(reply, "network", nic->network)) < 0 ||
                        (r = reply_append_text(reply, "tap", nic->tap)) < 0)
                return r;
        return append_ports(reply, nic);
}

static int append_bridge(const Listed *l, const char *interface) {
        if (!interface)
                return 0;
        return sd_bus_message_append(l->reply, "{sv}{sv}", "interface", "s", interface, "ifindex", "i",
                        (int) interfaces_index(l->manager->interfaces, interface));
}

static int append_guest(const Listed *l, const Guest *guest) {
        const char *reason = guest_reason(l->manager->catalog, guest, &l->manager->host.addresses, l->bridges,
                        l->n_bridges, l->now);
        char mac[MAC_TEXT_MAX];
        int r;

        r = sd_bus_message_open_container(l->reply, 'a', "{sv}");
        if (r < 0)
                return r;
        if ((r = reply_append_text(l->reply, "domain", guest->domain)) < 0 ||
                        (r = reply_append_text(l->reply, "mac-address",
                                         guest->has_mac ? mac_format(&guest->mac, mac) : NULL)) < 0 ||
                        (r = append_bridge(l, guest->interface)) < 0 ||
                        (guest->nic && (r = append_nic(l->reply, guest->nic)) < 0) ||
                        (r = append_addresses(l, guest)) < 0 ||
                        (r = reply_append_text(l->reply, "reason", reason)) < 0)
                return r;
        return sd_bus_message_close_container(l->reply);
}

static size_t text_length(const char *text) {
        return text ? strlen(text) : 0;
}

/* An upper bound of a guest's size in a message. */
static size_t guest_size(const Catalog *catalog, const Guest *guest) {
        const StatedNic *nic = guest->nic;
        size_t n = GUEST_SIZE + strlen(guest->domain);

        if (nic)
                n += text_length(nic->uuid) + text_length(nic->type) + text_length(nic->network) +
                     text_length(nic->reason) + nic->n_ports * (PORT_SIZE + STATED_TEXT_MAX);
        for (size_t i = 0; i < guest->n_addresses; i++) {
                const GuestAddress *a = guest->addresses + i;

                n += ADDRESS_SIZE + 2 * STATED_TEXT_MAX + NAME_LENGTH_MAX;
                for (uint32_t k = 0; a->binding && k < a->binding->n_claims; k++)
                        n += 2 * strlen(catalog->claims[a->binding->first_claim + k].name) + 256;
        }
        return n;
}

static int check_size(const Listed *l, sd_bus_error *error) {
        size_t size = 0;

        for (size_t i = 0; i < l->guests.n_guests; i++)
                size += guest_size(l->manager->catalog, l->guests.guests + i);
        return list_limit_check_size(l->manager, size, l->guests.n_guests, "guests", error);
}

static int append_guests(const Listed *l) {
        int r;

        r = sd_bus_message_open_container(l->reply, 'a', "a{sv}");
        for (size_t i = 0; i < l->guests.n_guests && r >= 0; i++)
                r = append_guest(l, l->guests.guests + i);
        return r < 0 ? r : sd_bus_message_close_container(l->reply);
}

static int reply_guests(Manager *m, sd_bus_message *call, size_t *ret_n, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Listed l = { .manager = m, .now = clock_now() };
        int r;

        if (m->facts)
                l.bridges = facts_bridges(m->facts, &l.n_bridges);
        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        l.reply = reply;
        r = guest_list_make(m->catalog, m->facts ? facts_nics(m->facts) : NULL, &m->host.addresses,
                        &l.guests);
        if (r < 0)
                return r;
        *ret_n = l.guests.n_guests;
        r = check_size(&l, error);
        if (r >= 0)
                r = append_guests(&l);
        guest_list_done(&l.guests);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int method_list_guests(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const char *sender = sd_bus_message_get_sender(call) ?: "";
        Manager *m = userdata;
        size_t n = 0;
        uint64_t started;
        int r;

        if ((r = list_limit_check(m, sender, error)) < 0 || (r = request_refresh(m, error)) < 0)
                return r;
        started = clock_usec(CLOCK_MONOTONIC);
        r = reply_guests(m, call, &n, error);
        list_limit_charge(m, sender, started,
                        m->catalog->n_bindings + m->catalog->n_seen + m->catalog->n_claims + n);
        return r;
}
