/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as what helpers state: domains.json, and a NUL behind it the BRIDGE.json of br0.  Whatever they
 * say, no address is answered that isn't on-link on br0, or that is the host's or a router's, and catalog
 * and index agree.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "index/reader.h"
#include "index/writer.h"
#include "names/guests.h"
#include "problems.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1000

static HostAddress host_addresses[] = {
        { { AF_INET, { 10, 9, 0, 1 } }, 24, "br0" },
        { { AF_INET6, { 0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }, 64, "br0" },
        { { AF_INET, { 10, 8, 0, 1 } }, 24, "eth0" },
};

static HostLink host_links[] = {
        { "vnet1", { { 0xfe, 0x54, 0, 0, 0, 1 } } },
        { "vnet2", { { 0xfe, 0x54, 0, 0, 0, 2 } } },
};

static Address host_gateways[] = { { AF_INET, { 10, 9, 0, 254 } } };

static const HostAddresses host = {
        .n_addresses = ELEMENTS(host_addresses),
        .addresses = host_addresses,
        .n_links = ELEMENTS(host_links),
        .links = host_links,
        .n_gateways = ELEMENTS(host_gateways),
        .gateways = host_gateways,
};

static void check_address(const Address *a) {
        static const uint8_t v4[] = { 10, 9, 0 }, v6[] = { 0xfd, 9, 0, 0, 0, 0, 0, 0 };

        assert(address_compare(a, &host_addresses[0].address) != 0 &&
                        address_compare(a, &host_addresses[1].address) != 0);
        assert(address_compare(a, host_gateways) != 0);
        assert(memcmp(a->bytes, a->family == AF_INET ? v4 : v6,
                               a->family == AF_INET ? sizeof(v4) : sizeof(v6)) == 0);
        assert(a->family == AF_INET6 || (a->bytes[3] != 0 && a->bytes[3] != 255));
}

static size_t count_like(const Catalog *c, const JudgedAddress *j) {
        size_t n = 0;

        for (size_t i = 0; i < c->n_seen; i++)
                n += c->seen[i].verdict == SEEN_GOOD && c->seen[i].network == j->network &&
                     c->seen[i].seen.address.family == j->seen.address.family &&
                     memcmp(&c->seen[i].seen.mac, &j->seen.mac, sizeof(j->seen.mac)) == 0;
        return n;
}

static void check_judged(const Catalog *c) {
        for (size_t i = 0; i < c->n_seen; i++) {
                const JudgedAddress *j = c->seen + i;

                assert((j->verdict == SEEN_GOOD) == (j->binding != CATALOG_NONE));
                assert(strcmp(c->networks[j->network].interface, "br0") == 0);
                if (j->verdict != SEEN_GOOD)
                        continue;
                check_address(&j->seen.address);
                assert(host_addresses_link(&host, j->seen.tap) && !j->seen.refused && j->seen.confirmed > 0);
                assert(seen_address_end(&j->seen) <= j->seen.confirmed + SEEN_LIFETIME_SEC ||
                       j->seen.confirmed > INT64_MAX - SEEN_LIFETIME_SEC);
                assert(c->n_seen > 500 || count_like(c, j) <= SEEN_NIC_MAX);
        }
}

/* Every address that the index answers is one that was judged to be good. */
static void check_index(const Catalog *c) {
        static const IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_LIVE };
        _cleanup_(closep) int fd = memfd_create("index", MFD_CLOEXEC);
        size_t dropped;
        Answer answer;
        Index index;

        assert(fd >= 0 && index_write(fd, &meta, c, &dropped) == 0 && index_load(fd, &index) == 0);
        for (size_t i = 0; i < c->n_claims; i++) {
                int r = index_find_name(
                                &index, VARIANT_DOMAIN, c->claims[i].name, AF_UNSPEC, NULL, NOW, &answer);

                assert(r >= 0 && c->claims[i].variant == VARIANT_DOMAIN);
                for (size_t k = 0; r == LOOKUP_FOUND && k < answer.n_entries; k++) {
                        const IndexEntry *e = answer.entries + k;
                        Address a = { .family = e->family };

                        assert(e->source == SOURCE_SEEN && strcmp(e->interface, "br0") == 0);
                        memcpy(a.bytes, e->address, address_length(a.family));
                        check_address(&a);
                }
        }
}

static void check_guests(const Catalog *c, const NicList *nics, const SeenBridge *bridge) {
        _cleanup_(guest_list_done) GuestList list = { 0 };

        assert(guest_list_make(c, nics, &host, &list) == 0);
        for (size_t i = 0; i < list.n_guests; i++) {
                const char *reason = guest_reason(c, list.guests + i, &host, bridge, 1, NOW);
                bool answered = false;

                for (size_t k = 0; k < list.guests[i].n_addresses; k++)
                        answered = answered ||
                                   guest_address_is_answered(c, list.guests[i].addresses + k, NOW);
                assert(answered == !reason && (!reason || reason[0] != '\0'));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *nics_text = (const char *) data, *seen_text;
        size_t nics_size = strnlen(nics_text, size), seen_start = MIN2(nics_size + 1, size);
        _cleanup_(catalog_freep) Catalog *catalog = NULL;
        _cleanup_(nic_list_freep) NicList *nics = NULL;
        _cleanup_(seen_list_freep) SeenList *seen = NULL;
        NamePolicy policy = { .reverse = true };
        SeenBridge bridge = { "br0", NULL };
        CatalogSources sources = { .host = host };
        DocumentError error;

        seen_text = nics_text + seen_start;
        if (domains_file_parse(nics_text, nics_size, &nics, &error) < 0)
                check_printable(error.text);
        else
                check_problems(&nics->problems);
        if (seen_file_parse(seen_text, size - seen_start, &seen, &error) < 0)
                check_printable(error.text);
        else
                check_problems(&seen->problems);

        bridge.list = seen;
        sources.nics = nics;
        sources.bridges = &bridge;
        sources.n_bridges = seen ? 1 : 0;
        assert(policy_set_host_name(&policy, "here.lab.example"));
        assert(catalog_new(&sources, &policy, CATALOG_LEASES_MAX, &catalog) == 0);
        check_judged(catalog);
        check_index(catalog);
        check_guests(catalog, nics, &bridge);
        policy_clear(&policy);
        return 0;
}
