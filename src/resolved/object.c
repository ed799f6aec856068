/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bus object.  Every member is open to everyone; what is root's alone the
 * bus policy guards, since sd-bus would ask the bus, and wait, to find out who calls.
 */

#include "resolved/object.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "resolved/clock.h"
#include "util/text.h"

#define FLAGS_ALL ((uint64_t) INDEX_LEASE | (uint64_t) INDEX_DOMAIN)

/* ---- arguments ---- */

static int check_flags(uint64_t flags, sd_bus_error *error) {
        if (flags & ~FLAGS_ALL)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Unknown flags: 0x%" PRIx64,
                                flags & ~FLAGS_ALL);
        return 0;
}

static int check_family(int family, bool any, sd_bus_error *error) {
        if (family == AF_INET || family == AF_INET6 || (any && family == AF_UNSPEC))
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Unknown address family: %i", family);
}

static int check_ifindex(int ifindex, sd_bus_error *error) {
        if (ifindex < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Bad interface index: %i", ifindex);
        return 0;
}

static bool flags_want(uint64_t flags, IndexVariant variant) {
        return flags == 0 || (flags & variant);
}

/* Brings the index up to date; the error where there is nothing to answer from. */
static int object_refresh(Manager *m, sd_bus_error *error) {
        int r;

        r = manager_refresh(m);
        if (r >= 0)
                return 0;
        if (m->directory->error == r)
                return sd_bus_error_setf(error, BUS_ERROR_LEASES_UNAVAILABLE,
                                "The lease directory %s can't be read: %s", m->directory->path, strerror(-r));
        return sd_bus_error_set_errno(error, r);
}

/* ---- ResolveHostname ---- */

static void format_ago(int64_t expiry, char *buffer, size_t size) {
        int64_t ago = (int64_t) time(NULL) - expiry;

        if (expiry < 0)
                (void) snprintf(buffer, size, "long ago");
        else if (ago < 120)
                (void) snprintf(buffer, size, "%" PRIi64 " s ago", ago);
        else if (ago < 7200)
                (void) snprintf(buffer, size, "%" PRIi64 " min ago", ago / 60);
        else
                (void) snprintf(buffer, size, "%" PRIi64 " h ago", ago / 3600);
}

static int error_refused(const Manager *m, NameVerdict verdict, const Claim *claim, const char *name,
                sd_bus_error *error) {
        char address[ADDRESS_TEXT_MAX];
        const CatalogLease *l;

        if (!claim || claim->lease == CATALOG_NONE)
                return sd_bus_error_setf(error, BUS_ERROR_NAME_REFUSED, "'%s' is refused: %s", name,
                                name_verdict_reason(verdict));
        l = m->catalog->leases + claim->lease;
        return sd_bus_error_setf(error, BUS_ERROR_NAME_REFUSED, "'%s', which the guest with %s on %s claims, is refused: %s",
                        name, address_format(&l->lease->address, address),
                        m->catalog->networks[claim->network].interface, name_verdict_reason(verdict));
}

/* Says why a name has no answer.  expired: the newest of the entries whose time is over. */
static int error_no_name(const Manager *m, int result, uint64_t flags, const char *name,
                const IndexEntry *expired, sd_bus_error *error) {
        static const IndexVariant variants[] = { INDEX_LEASE, INDEX_DOMAIN };
        char text[TEXT_NAME_SIZE], ago[32];

        text_escape(name, text, sizeof(text));
        switch (result) {
        case LOOKUP_NO_FAMILY:
                return sd_bus_error_setf(error, BUS_ERROR_NO_DATA,
                                "'%s' has addresses, but none of that family or on that network", text);
        case LOOKUP_EXPIRED:
                format_ago(expired->expiry, ago, sizeof(ago));
                return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_NAME,
                                "The lease of '%s' on %s expired %s", text, expired->interface, ago);
        case LOOKUP_NO_LEASE:
                return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_NAME,
                                "The libvirt domain '%s' has no DHCP lease (yet)", text);
        }

        for (size_t i = 0; i < ELEMENTS(variants); i++) {
                const Claim *claim;
                NameVerdict v;

                if (!flags_want(flags, variants[i]))
                        continue;
                v = manager_find_refusal(m, variants[i], name, &claim);
                if (v != NAME_GOOD)
                        return error_refused(m, v, claim, text, error);
        }
        return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_NAME, "No guest is called '%s'", text);
}

static bool answer_has_address(const Answer *answer, const IndexEntry *e) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *other = answer->entries + i;

                if (other->family == e->family &&
                    memcmp(other->address, e->address, e->family == 4 ? 4 : 16) == 0 &&
                    (other->ifindex == e->ifindex || !address_is_link_local(e->family == 6 ? AF_INET6 : AF_INET,
                                                                     e->address)))
                        return true;
        }
        return false;
}

static int reply_append_addresses(sd_bus_message *reply, const Answer *answer, const Answer *except) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;
                int r;

                if (except && answer_has_address(except, e))
                        continue;
                r = sd_bus_message_open_container(reply, 'r', "iiay");
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "ii", (int) e->ifindex, e->family == 4 ? AF_INET : AF_INET6);
                if (r < 0)
                        return r;
                r = sd_bus_message_append_array(reply, 'y', e->address, e->family == 4 ? 4 : 16);
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(reply);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Replies with what was found: in either variant, or both.  NULL: not in that one. */
static int reply_name(sd_bus_message *call, const Answer *lease, const Answer *domain) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Answer *first = lease ? lease : domain;
        uint64_t flags = (lease ? INDEX_LEASE : 0U) | (domain ? INDEX_DOMAIN : 0U);
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(iiay)");
        if (r < 0)
                return r;
        r = reply_append_addresses(reply, first, NULL);
        if (r >= 0 && lease && domain)
                r = reply_append_addresses(reply, domain, lease);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "st", answer_name(first, first->entries), flags);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_resolve_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        int ifindex, family, lease = LOOKUP_NO_NAME, domain = LOOKUP_NO_NAME, r;
        Answer lease_answer, domain_answer;
        Manager *m = userdata;
        const char *name;
        uint64_t flags;

        r = sd_bus_message_read(call, "isit", &ifindex, &name, &family, &flags);
        if (r < 0)
                return r;
        if ((r = check_ifindex(ifindex, error)) < 0 || (r = check_family(family, true, error)) < 0 ||
            (r = check_flags(flags, error)) < 0 || (r = object_refresh(m, error)) < 0)
                return r;

        if (flags_want(flags, INDEX_LEASE))
                lease = manager_find_name(m, INDEX_LEASE, name, family, (uint32_t) ifindex, &lease_answer);
        if (flags_want(flags, INDEX_DOMAIN))
                domain = manager_find_name(m, INDEX_DOMAIN, name, family, (uint32_t) ifindex, &domain_answer);
        if (lease < 0 || domain < 0)
                return MIN2(lease, domain);

        if (lease != LOOKUP_FOUND && domain != LOOKUP_FOUND)
                return error_no_name(m, MAX2(lease, domain), flags, name,
                                lease == LOOKUP_EXPIRED ? lease_answer.entries : domain_answer.entries, error);
        return reply_name(call, lease == LOOKUP_FOUND ? &lease_answer : NULL,
                        domain == LOOKUP_FOUND ? &domain_answer : NULL);
}

/* ---- ResolveAddress ---- */

static int reply_address(sd_bus_message *call, const Answer *answer) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t flags = 0;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(is)");
        if (r < 0)
                return r;
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;

                flags |= e->variant;
                r = sd_bus_message_append(reply, "(is)", (int) e->ifindex, answer_name(answer, e));
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "t", flags);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int method_resolve_address(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        char text[ADDRESS_TEXT_MAX];
        Manager *m = userdata;
        int ifindex, family, r;
        const void *bytes;
        Address address;
        Answer answer;
        uint64_t flags;
        size_t n;

        r = sd_bus_message_read(call, "ii", &ifindex, &family);
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(call, 'y', &bytes, &n);
        if (r < 0)
                return r;
        r = sd_bus_message_read(call, "t", &flags);
        if (r < 0)
                return r;
        if ((r = check_ifindex(ifindex, error)) < 0 || (r = check_family(family, false, error)) < 0 ||
            (r = check_flags(flags, error)) < 0)
                return r;
        if (n != address_length(family))
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                "An address of that family has %zu bytes, not %zu", address_length(family), n);
        r = object_refresh(m, error);
        if (r < 0)
                return r;

        address = (Address) { .family = (uint8_t) family };
        memcpy(address.bytes, bytes, n);
        r = manager_find_address(m, flags == FLAGS_ALL ? 0 : (IndexVariant) flags, family, address.bytes,
                        (uint32_t) ifindex, &answer);
        if (r < 0)
                return r;
        if (r != LOOKUP_FOUND)
                return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_ADDRESS, "%s %s",
                                r == LOOKUP_EXPIRED ? "The lease has expired of" : "No guest with a name has",
                                address_format(&address, text));
        return reply_address(call, &answer);
}

/* ---- ListLeases ---- */

static int append_text(sd_bus_message *reply, const char *key, const char *value) {
        return value ? sd_bus_message_append(reply, "{sv}", key, "s", value) : 0;
}

static int append_address(sd_bus_message *reply, const Address *address) {
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", "address");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(reply, 'y', address->bytes, address_length(address->family));
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

static int append_names(sd_bus_message *reply, const Catalog *catalog, const CatalogLease *l, uint64_t flags) {
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", "names");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "as");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r < 0)
                return r;
        for (uint32_t i = l->first_claim; i < l->first_claim + l->n_claims; i++) {
                const Claim *c = catalog->claims + i;
                bool again = false;

                if (c->verdict != NAME_GOOD || !flags_want(flags, c->variant))
                        continue;
                for (uint32_t k = l->first_claim; k < i; k++) {
                        const Claim *earlier = catalog->claims + k;

                        again = again || (earlier->verdict == NAME_GOOD && flags_want(flags, earlier->variant) &&
                                                         strcmp(earlier->key, c->key) == 0);
                }
                if (again)
                        continue;
                r = sd_bus_message_append(reply, "s", c->name);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

/* The policy's reason not to answer to a name of this lease; NULL: there is none. */
static const char *lease_refusal(const Catalog *catalog, const CatalogLease *l) {
        for (uint32_t i = l->first_claim; i < l->first_claim + l->n_claims; i++)
                if (catalog->claims[i].verdict != NAME_GOOD)
                        return name_verdict_reason(catalog->claims[i].verdict);
        return NULL;
}

static int append_lease(Manager *m, sd_bus_message *reply, const Catalog *catalog, const CatalogLease *l,
                uint64_t flags) {
        const char *interface = catalog->networks[l->network].interface;
        const Lease *lease = l->lease;
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
        if ((r = append_address(reply, &lease->address)) < 0 ||
            (r = append_text(reply, "mac-address", lease->has_mac ? mac_format(&lease->mac, mac) : NULL)) < 0 ||
            (r = append_text(reply, "hostname", lease->hostname)) < 0 ||
            (r = append_text(reply, "domain", l->domain)) < 0 ||
            (r = append_text(reply, "client-id", lease->client_id)) < 0)
                return r;
        r = sd_bus_message_append(reply, "{sv}", "expiry", "t", (uint64_t) lease->expiry);
        if (r < 0)
                return r;
        if ((r = append_names(reply, catalog, l, flags)) < 0 ||
            (r = append_text(reply, "refused", lease_refusal(catalog, l))) < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

static int method_list_leases(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int64_t now = time(NULL);
        Manager *m = userdata;
        uint64_t flags;
        int r;

        r = sd_bus_message_read(call, "t", &flags);
        if (r < 0)
                return r;
        if ((r = check_flags(flags, error)) < 0 || (r = object_refresh(m, error)) < 0)
                return r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < m->catalog->n_leases; i++) {
                const CatalogLease *l = m->catalog->leases + i;

                if (lease_expired(l->lease->expiry, now))
                        continue;
                r = append_lease(m, reply, m->catalog, l, flags);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
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

static int property_get_domains(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r < 0)
                return r;
        for (size_t i = 0; i < m->policy.n_domains; i++) {
                r = sd_bus_message_append(reply, "s", m->policy.domains[i]);
                if (r < 0)
                        return r;
        }
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
                        SD_BUS_RESULT("a(is)", names, "t", result_flags),
                        method_resolve_address, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListLeases", SD_BUS_ARGS("t", flags), SD_BUS_RESULT("aa{sv}", leases),
                        method_list_leases, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("LeaseDirectory", "s", property_get_lease_directory, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Domains", "as", property_get_domains, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

int object_add(Manager *m, sd_bus *bus) {
        return sd_bus_add_object_vtable(bus, NULL, BUS_PATH, BUS_INTERFACE, vtable, m);
}
