/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Worlds for the tests of the catalog and the index.
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "index/writer.h"
#include "util/array.h"
#include "worlds.h"

#define FIELDS_MAX 16U

const IndexMeta world_meta = {
        .magic = INDEX_FORMAT_MAGIC,
        .state = INDEX_LIVE,
        .n_leases = 3,
        .signature = {
                .device = 0x1122334455667788,
                .inode = 42,
                .mtime_sec = 1700000000,
                .ctime_sec = 1700000001,
                .mtime_nsec = 999999999,
                .ctime_nsec = 123456789,
        },
        .salt = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } },
};

static char *copy_text(const char *text) {
        char *copy = strdup(text);

        ck_assert_ptr_nonnull(copy);
        return copy;
}

World *world_new(void) {
        World *w = calloc(1, sizeof(*w));

        ck_assert_ptr_nonnull(w);
        w->policy.reverse = true;
        return w;
}

World *world_free(World *w) {
        if (!w)
                return NULL;
        for (size_t i = 0; i < w->n_networks; i++) {
                for (size_t k = 0; k < w->lists[i].n_bindings; k++)
                        free((char *) w->lists[i].bindings[k].hostname);
                free(w->lists[i].bindings);
                for (size_t k = 0; k < w->maps[i].n_domains; k++) {
                        free((char *) w->maps[i].domains[k].domain);
                        free((MacAddress *) w->maps[i].domains[k].macs);
                }
                free(w->maps[i].domains);
        }
        document_unref(w->statics);
        free(w->host.addresses);
        free(w->host.links);
        free(w->host.gateways);
        nic_list_free(w->nics);
        for (size_t i = 0; i < w->n_bridges; i++)
                seen_list_free((SeenList *) w->bridges[i].list);
        policy_clear(&w->policy);
        free(w);
        return NULL;
}

MacAddress world_mac(unsigned number) {
        return (MacAddress) { { 0x52, 0x54, 0, (uint8_t) (number >> 16), (uint8_t) (number >> 8),
                        (uint8_t) number } };
}

void world_add_network(World *w, const char *interface) {
        CatalogNetwork *n = w->networks + w->n_networks;

        ck_assert_uint_lt(w->n_networks, WORLD_NETWORKS_MAX);
        ck_assert_uint_lt(strlen(interface), sizeof(n->interface));
        memcpy(n->interface, interface, strlen(interface));
        n->status = w->documents[w->n_networks];
        n->macs = w->documents[w->n_networks] + 1;
        *n->status = (Document) { .n_refs = 1, .bindings = w->lists + w->n_networks };
        *n->macs = (Document) { .n_refs = 1, .macs = w->maps + w->n_networks };
        w->n_networks++;
}

void world_add_lease(World *w, const char *hostname, const char *address, unsigned mac, int64_t expiry) {
        BindingList *list = w->lists + w->n_networks - 1;
        Binding *l;

        list->bindings = array_grow(list->bindings, list->n_bindings, sizeof(*list->bindings));
        ck_assert_ptr_nonnull(list->bindings);
        l = list->bindings + list->n_bindings;
        *l = (Binding) { .expiry = expiry, .position = (uint32_t) list->n_bindings, .has_mac = mac > 0 };
        if (hostname)
                l->hostname = copy_text(hostname);
        if (mac > 0)
                l->mac = world_mac(mac);
        ck_assert_int_eq(address_parse(address, &l->address), 0);
        list->n_bindings++;
}

void world_add_domain(World *w, const char *name, const unsigned *macs, size_t n_macs) {
        MacMap *map = w->maps + w->n_networks - 1;
        MacAddress *m = calloc(n_macs + 1, sizeof(*m));

        ck_assert_ptr_nonnull(m);
        for (size_t i = 0; i < n_macs; i++)
                m[i] = world_mac(macs[i]);
        map->domains = array_grow(map->domains, map->n_domains, sizeof(*map->domains));
        ck_assert_ptr_nonnull(map->domains);
        map->domains[map->n_domains++] = (DomainMacs) { copy_text(name), n_macs, m };
}

static void world_add_address(World *w, const char *interface, const char *address, uint8_t prefix_length) {
        HostAddress *h;

        w->host.addresses = array_grow(w->host.addresses, w->host.n_addresses, sizeof(*h));
        ck_assert_ptr_nonnull(w->host.addresses);
        h = w->host.addresses + w->host.n_addresses++;
        *h = (HostAddress) { .prefix_length = prefix_length };
        ck_assert_int_eq(address_parse(address, &h->address), 0);
        (void) snprintf(h->interface, sizeof(h->interface), "%s", interface);
}

static void world_set_statics(World *w, FileType type, char *text) {
        DocumentError error;

        for (char *p = text; *p; p++)
                *p = *p == ';' ? ',' : *p == '|' ? '\n' : *p;
        document_unref(w->statics);
        ck_assert_int_eq(document_parse(file_kinds + type, text, strlen(text), 0, &w->statics, &error), 0);
}

/* ---- what helpers state ---- */

static int link_compare(const void *a, const void *b) {
        return strcmp(((const HostLink *) a)->interface, ((const HostLink *) b)->interface);
}

static void world_add_link(World *w, const char *interface, unsigned mac) {
        HostLink *l;

        w->host.links = array_grow(w->host.links, w->host.n_links, sizeof(*l));
        ck_assert_ptr_nonnull(w->host.links);
        l = w->host.links + w->host.n_links++;
        *l = (HostLink) { .mac = world_mac(mac) };
        l->mac.bytes[0] = 0xfe;
        (void) snprintf(l->interface, sizeof(l->interface), "%s", interface);
        qsort(w->host.links, w->host.n_links, sizeof(*l), link_compare);
}

static void world_add_gateway(World *w, const char *address) {
        w->host.gateways = array_grow(w->host.gateways, w->host.n_gateways, sizeof(Address));
        ck_assert_ptr_nonnull(w->host.gateways);
        ck_assert_int_eq(address_parse(address, w->host.gateways + w->host.n_gateways++), 0);
}

static const char *stated(const char *field) {
        return strcmp(field, "-") == 0 ? NULL : field;
}

static void world_add_nic(World *w, char **field) {
        StatedNic nic = { .has_mac = atoi(field[2]) > 0, .mac = world_mac((unsigned) atoi(field[2])) };

        if (!w->nics)
                w->nics = calloc(1, sizeof(*w->nics));
        ck_assert_ptr_nonnull(w->nics);
        ck_assert(arena_copy(&w->nics->arena, field[1], &nic.domain) == 0 &&
                  arena_copy(&w->nics->arena, stated(field[3]), &nic.bridge) == 0 &&
                  arena_copy(&w->nics->arena, stated(field[4]), &nic.tap) == 0);
        w->nics->nics = array_grow(w->nics->nics, w->nics->n_nics, sizeof(nic));
        ck_assert_ptr_nonnull(w->nics->nics);
        w->nics->nics[w->nics->n_nics++] = nic;
}

static SeenList *world_bridge(World *w, const char *interface) {
        SeenBridge *bridge = w->bridges;

        while (bridge < w->bridges + w->n_bridges && strcmp(bridge->interface, interface) != 0)
                bridge++;
        if (bridge == w->bridges + w->n_bridges) {
                ck_assert_uint_lt(w->n_bridges++, WORLD_NETWORKS_MAX);
                (void) snprintf(bridge->interface, sizeof(bridge->interface), "%s", interface);
                bridge->list = calloc(1, sizeof(*bridge->list));
                ck_assert_ptr_nonnull(bridge->list);
        }
        return (SeenList *) bridge->list;
}

static void world_add_seen(World *w, char **field, size_t n) {
        SeenList *list = world_bridge(w, field[1]);
        SeenAddress *s;

        list->addresses = array_grow(list->addresses, list->n_addresses, sizeof(*s));
        ck_assert_ptr_nonnull(list->addresses);
        s = list->addresses + list->n_addresses++;
        *s = (SeenAddress) {
                .mac = world_mac((unsigned) atoi(field[3])),
                .first_seen = atoll(field[5]),
                .confirmed = atoll(field[6]),
        };
        ck_assert_int_eq(address_parse(field[2], &s->address), 0);
        (void) snprintf(s->tap, sizeof(s->tap), "%s", field[4]);
        for (size_t i = 7; i < n; i++)
                if (strcmp(field[i], "contested") == 0)
                        s->contested = true;
                else if (strcmp(field[i], "refused") == 0)
                        s->refused = "it is refused";
                else if (i + 1 < n)
                        s->expiry = atoll(field[++i]);
}

/* ---- lines ---- */

static void world_read_line(World *w, char *line) {
        char *field[FIELDS_MAX];
        unsigned macs[FIELDS_MAX];
        size_t n = 0;

        for (char *f = strsep(&line, ","); f; f = strsep(&line, ",")) {
                ck_assert_uint_lt(n, FIELDS_MAX);
                field[n++] = f;
        }

        if (strcmp(field[0], "suffix") == 0)
                ck_assert_int_eq(policy_add_suffix(&w->policy, field[1]), 0);
        else if (strcmp(field[0], "deny") == 0)
                ck_assert_int_eq(policy_add_denied(&w->policy, field[1]), 0);
        else if (strcmp(field[0], "host") == 0)
                ck_assert(policy_set_host_name(&w->policy, field[1]));
        else if (strcmp(field[0], "reverse") == 0)
                w->policy.reverse = strcmp(field[1], "yes") == 0;
        else if (strcmp(field[0], "hostnames") == 0)
                w->policy.hostnames_off = strcmp(field[1], "no") == 0;
        else if (strcmp(field[0], "network") == 0)
                world_add_network(w, field[1]);
        else if (strcmp(field[0], "lease") == 0)
                world_add_lease(w, strcmp(field[1], "-") == 0 ? NULL : field[1], field[2],
                                (unsigned) atoi(field[3]), atoll(field[4]));
        else if (strcmp(field[0], "static") == 0)
                w->policy.static_off = strcmp(field[1], "no") == 0;
        else if (strcmp(field[0], "on-link") == 0)
                world_add_address(w, field[1], field[2], (uint8_t) atoi(field[3]));
        else if (strcmp(field[0], "hosts") == 0)
                world_set_statics(w, FILE_HOSTSFILE, field[1]);
        else if (strcmp(field[0], "addn") == 0)
                world_set_statics(w, FILE_ADDNHOSTS, field[1]);
        else if (strcmp(field[0], "link") == 0)
                world_add_link(w, field[1], (unsigned) atoi(field[2]));
        else if (strcmp(field[0], "gateway") == 0)
                world_add_gateway(w, field[1]);
        else if (strcmp(field[0], "nic") == 0)
                world_add_nic(w, field);
        else if (strcmp(field[0], "seen") == 0)
                world_add_seen(w, field, n);
        else {
                ck_assert_str_eq(field[0], "domain");
                for (size_t i = 2; i < n; i++)
                        macs[i - 2] = (unsigned) atoi(field[i]);
                world_add_domain(w, field[1], macs, n - 2);
        }
}

World *world_read(const char *text) {
        _cleanup_(freep) char *copy = copy_text(text);
        World *w = world_new();
        char *rest = copy;

        for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
                if (*line)
                        world_read_line(w, line);
        return w;
}

CatalogSources world_sources(const World *w) {
        return (CatalogSources) {
                .n_networks = w->n_networks,
                .networks = w->networks,
                .n_documents = w->statics ? 1 : 0,
                .documents = (Document **) &w->statics,
                .nics = w->nics,
                .n_bridges = w->n_bridges,
                .bridges = w->bridges,
                .host = w->host,
        };
}

Catalog *world_catalog(const World *w) {
        Catalog *c;

        const CatalogSources sources = world_sources(w);

        ck_assert_int_eq(catalog_new(&sources, &w->policy, CATALOG_LEASES_MAX, &c), 0);
        return c;
}

int world_index(const World *w, size_t *ret_dropped) {
        _cleanup_(catalog_freep) Catalog *catalog = world_catalog(w);
        size_t dropped = SIZE_MAX;
        int fd = memfd_create("names", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(index_write(fd, &world_meta, catalog, &dropped), 0);
        ck_assert_uint_ne(dropped, SIZE_MAX);
        if (ret_dropped)
                *ret_dropped = dropped;
        return fd;
}

int bytes_index(const void *bytes, size_t size) {
        int fd = memfd_create("names", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(pwrite(fd, bytes, size, 0), (ssize_t) size);
        return fd;
}

char *index_bytes(int fd, size_t *ret_size) {
        struct stat st;
        char *bytes;

        ck_assert_int_eq(fstat(fd, &st), 0);
        bytes = malloc((size_t) st.st_size);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_int_eq(pread(fd, bytes, (size_t) st.st_size, 0), st.st_size);
        *ret_size = (size_t) st.st_size;
        return bytes;
}

const char *answer_text(int result, const Answer *answer, char *buffer, size_t size) {
        static const char *const texts[] = {
                [LOOKUP_NO_NAME] = "no name",
                [LOOKUP_EXPIRED] = "expired",
                [LOOKUP_NO_LEASE] = "no lease",
                [LOOKUP_NO_FAMILY] = "no family",
        };
        FILE *f;

        if (result != LOOKUP_FOUND)
                return result < 0 ? "error" : texts[result];

        f = fmemopen(buffer, size, "w");
        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;
                Address a = { .family = e->family };
                char text[ADDRESS_TEXT_MAX];

                memcpy(a.bytes, e->address, sizeof(a.bytes));
                fprintf(f, "%s%s %s%%%s/%lld", i > 0 ? " " : "", answer_name(answer, e),
                                address_format(&a, text),
                        e->interface, (long long) e->expiry);
        }
        ck_assert_int_eq(fclose(f), 0);
        return buffer;
}
