/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The guests whose names go into DNS.
 */

#include "ddns/selection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/json.h"
#include "ddns/update.h"

/* "f.f....ip6.arpa" */
#define REVERSE_SIZE 80

int prefix_parse(const char *text, Prefix *ret) {
        const char *slash = strchr(text, '/');
        char address[ADDRESS_TEXT_MAX], *end;
        unsigned long length;
        Prefix prefix;

        if (!slash || (size_t) (slash - text) >= sizeof(address) || slash[1] < '0' || slash[1] > '9')
                return -EINVAL;
        (void) snprintf(address, sizeof(address), "%.*s", (int) (slash - text), text);
        if (address_parse(address, &prefix.address) < 0)
                return -EINVAL;
        length = strtoul(slash + 1, &end, 10);
        if (*end != '\0' || length > 8 * address_length(prefix.address.family))
                return -EINVAL;
        prefix.length = (unsigned) length;
        *ret = prefix;
        return 0;
}

bool prefix_contains(const Prefix *prefix, const Address *address) {
        size_t whole = prefix->length / 8;
        unsigned rest = prefix->length % 8;

        if (prefix->address.family != address->family ||
                        memcmp(prefix->address.bytes, address->bytes, whole) != 0)
                return false;
        return rest == 0 || (prefix->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

/* Copies up to n bytes in lower case.  Returns 0; -EINVAL: they aren't one or more labels of letters, digits,
 * hyphens and, in a zone's name, "_" and "/" (used by RFC 2317 in reverse zones). */
static int fold_labels(const char *text, size_t n, bool zone, char *buffer) {
        size_t label = 0;

        for (size_t i = 0; i < n; i++) {
                char c = text[i];

                if (c >= 'A' && c <= 'Z')
                        c = (char) (c - 'A' + 'a');
                if (c == '.' && zone && label > 0)
                        label = 0;
                else if (((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                                         (zone && (c == '_' || c == '/'))) &&
                                label < DDNS_LABEL_MAX)
                        label++;
                else
                        return -EINVAL;
                buffer[i] = c;
        }
        buffer[n] = '\0';
        return label > 0 ? 0 : -EINVAL;
}

int zone_name_parse(const char *text, char buffer[static DDNS_ZONE_SIZE]) {
        size_t n = strlen(text);

        if (n > 0 && text[n - 1] == '.')
                n--;
        return n > 0 && n < DDNS_ZONE_SIZE ? fold_labels(text, n, true, buffer) : -EINVAL;
}

/* Whether the records of an address go out: whether the administrator named its network. */
static bool is_selected(const Selection *s, const char *interface, const Address *address) {
        if (!address_is_guests(address->family, address->bytes) ||
                        address_is_link_local(address->family, address->bytes))
                return false;
        for (size_t i = 0; i < s->n_interfaces; i++)
                if (interface && strcmp(s->interfaces[i], interface) == 0)
                        return true;
        for (size_t i = 0; i < s->n_prefixes; i++)
                if (prefix_contains(s->prefixes + i, address))
                        return true;
        return false;
}

/* Writes the address's name below in-addr.arpa or ip6.arpa. */
static void reverse_name(const Address *address, char buffer[static REVERSE_SIZE]) {
        size_t length = address_length(address->family), n = 0;

        for (size_t i = length; i-- > 0;)
                n += (size_t) snprintf(buffer + n, REVERSE_SIZE - n,
                                address->family == AF_INET ? "%u." : "%x.%x.",
                                address->family == AF_INET ? address->bytes[i] : address->bytes[i] & 15U,
                                address->bytes[i] >> 4);
        (void) snprintf(buffer + n, REVERSE_SIZE - n,
                        address->family == AF_INET ? "in-addr.arpa" : "ip6.arpa");
}

/* The longest reverse zone that contains the name; 0: none. */
static size_t find_zone(const Selection *s, const char *name) {
        size_t best = 0, best_length = 0, n = strlen(name);

        for (size_t i = 1; i < s->n_zones; i++) {
                size_t k = strlen(s->zones[i]);

                if (n > k && k > best_length && name[n - k - 1] == '.' &&
                                strcmp(name + n - k, s->zones[i]) == 0) {
                        best = i;
                        best_length = k;
                }
        }
        return best;
}

/* Inserts the text at its position, unless the array has it. */
static int insert_sorted(json_t *array, const char *text) {
        const json_t *element;
        size_t i;

        json_array_foreach(array, i, element) {
                int order = strcmp(json_string_value(element), text);

                if (order == 0)
                        return 0;
                if (order > 0)
                        break;
        }
        return json_array_insert_new(array, i, json_string(text)) < 0 ? -ENOMEM : 0;
}

static bool is_name_of_address(const json_t *address, const char *name) {
        const json_t *element;
        size_t i;

        json_array_foreach(json_object_get(address, "names"), i, element)
                if (json_is_string(element) && strcasecmp(json_string_value(element), name) == 0)
                        return true;
        return false;
}

/* Adds a record.  If a name has several MAC addresses, the lowest is its owner's: a domain may have several
 * network cards. */
static int add_record(json_t *owners, const char *owner, size_t zone, const char *mac, const char *name,
                const char *record) {
        json_t *entry = json_object_get(owners, owner);

        if (!entry) {
                if (json_object_size(owners) >= DDNS_NAMES_MAX)
                        return 0;
                entry = json_pack("{s:I, s:s, s:s, s:[]}", "zone", (json_int_t) zone, "mac", mac, "name",
                                name, "records");
                if (json_object_set_new(owners, owner, entry) < 0)
                        return -ENOMEM;
        }
        if (strcmp(mac, json_text(entry, "mac")) < 0 &&
                        json_object_set_new(entry, "mac", json_string(mac)) < 0)
                return -ENOMEM;
        return insert_sorted(json_object_get(entry, "records"), record);
}

static int add_reverse(const Selection *s, json_t *owners, const Address *address, const char *mac,
                const char *name) {
        char owner[REVERSE_SIZE], record[DDNS_ZONE_SIZE + DDNS_LABEL_MAX + 8];
        const json_t *before;
        size_t zone;

        reverse_name(address, owner);
        zone = find_zone(s, owner);
        /* an address has one PTR record: the domain's, which comes first */
        before = json_object_get(owners, owner);
        if (zone == 0 || before)
                return 0;
        (void) snprintf(record, sizeof(record), "PTR %s.", name);
        return add_record(owners, owner, zone, mac, name, record);
}

/* Adds the records of a name and one of its answered addresses. */
static int add_name(const Selection *s, json_t *owners, const char *label, const char *mac,
                const json_t *address) {
        char folded[DDNS_LABEL_MAX + 1], name[DDNS_ZONE_SIZE + DDNS_LABEL_MAX + 2],
                        record[ADDRESS_TEXT_MAX + 8];
        char text[ADDRESS_TEXT_MAX];
        Address parsed;
        MacAddress owner;
        int r;

        if (!label || !mac || mac_parse(mac, &owner) < 0 || strlen(label) > DDNS_LABEL_MAX ||
                        fold_labels(label, strlen(label), false, folded) < 0 ||
                        !is_name_of_address(address, label) ||
                        address_parse(json_text(address, "address"), &parsed) < 0)
                return 0;
        (void) snprintf(name, sizeof(name), "%s.%s", folded, s->zones[0]);
        if (!owner_is_valid(name))
                return 0;
        (void) snprintf(record, sizeof(record), "%s %s", parsed.family == AF_INET ? "A" : "AAAA",
                        address_format(&parsed, text));
        r = add_record(owners, name, 0, mac, name, record);
        return r < 0 ? r : add_reverse(s, owners, &parsed, mac, name);
}

static bool address_goes_out(const Selection *s, const json_t *address, const char *interface) {
        const char *text = json_text(address, "address");
        Address parsed;

        return text && address_parse(text, &parsed) == 0 && is_selected(s, interface, &parsed);
}

/* Adds the names of a network card's addresses. */
static int add_card(const Selection *s, json_t *owners, const json_t *card, bool hostnames) {
        const char *mac = json_text(card, "mac-address"), *interface = json_text(card, "interface");
        const json_t *address;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(card, "addresses"), i, address) {
                if (!json_is_true(json_object_get(address, "answered")) ||
                                !address_goes_out(s, address, interface))
                        continue;
                r = add_name(s, owners,
                                json_text(hostnames ? address : card, hostnames ? "hostname" : "domain"), mac,
                                address);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_lease(const Selection *s, json_t *owners, const json_t *lease) {
        if (!address_goes_out(s, lease, json_text(lease, "interface")))
                return 0;
        return add_name(s, owners, json_text(lease, "hostname"), json_text(lease, "mac-address"), lease);
}

static int add_all(const Selection *s, json_t *owners, const json_t *guests, const json_t *leases) {
        const json_t *element;
        size_t i;
        int r = 0;

        /* names of domains first: a hostname never takes a domain's PTR */
        json_array_foreach(guests, i, element) {
                r = add_card(s, owners, element, false);
                if (r < 0)
                        return r;
        }
        if (!s->hostnames)
                return 0;
        json_array_foreach(guests, i, element) {
                r = add_card(s, owners, element, true);
                if (r < 0)
                        return r;
        }
        json_array_foreach(leases, i, element) {
                r = add_lease(s, owners, element);
                if (r < 0)
                        return r;
        }
        return 0;
}

int selection_make(const Selection *s, const json_t *guests, const json_t *leases, json_t **ret) {
        _cleanup_(json_decrefp) json_t *owners = json_object();
        int r;

        if (!owners)
                return -ENOMEM;
        r = add_all(s, owners, guests, leases);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(owners);
        return 0;
}
