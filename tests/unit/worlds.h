/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Worlds for the tests of the catalog and the index: a policy, bridges with their
 * leases and domains, made by calls or read from a few lines of text.
 *
 *     suffix,lab.example             --domain=
 *     deny,puppet                    --deny-name=
 *     host,here.example.org          how the host is called
 *     reverse,no
 *     network,virbr0                 the bridge that the next lines are about
 *     lease,web1,10.0.0.1,7,1000     hostname or "-", address, number of the MAC address or 0, expiry
 *     domain,web1,7,8                name, numbers of its MAC addresses
 *     on-link,virbr0,10.0.0.254,24   an address of the host
 *     hosts,52:54:...;10.0.0.9;db    a line of a .hostsfile, with ";" for ","
 *     static,no                      --static=
 *     link,vnet1,7                   a tap of the host, number of its NIC's MAC address
 *     gateway,10.0.0.1               the next hop of a route
 *     nic,web1,7,br0,vnet1           a NIC that libvirt-resolve-domains states; "-": not stated
 *     seen,br0,10.0.0.7,7,vnet1,5,9  an address that was seen: bridge, address, number of the MAC address,
 * tap, first seen, confirmed; then "contested", "refused", or "until" and a time
 */

#include <stddef.h>
#include <stdint.h>

#include "names/catalog.h"
#include "index/reader.h"
#include "util/util.h"

#define WORLD_NETWORKS_MAX 4U

typedef struct World {
        NamePolicy policy;
        size_t n_networks;
        CatalogNetwork networks[WORLD_NETWORKS_MAX];
        BindingList lists[WORLD_NETWORKS_MAX];
        MacMap maps[WORLD_NETWORKS_MAX];
        Document documents[WORLD_NETWORKS_MAX][2]; /* which have the lists and maps */
        Document *statics; /* or NULL */
        HostAddresses host;
        NicList *nics;     /* or NULL */
        SeenBridge bridges[WORLD_NETWORKS_MAX];
        size_t n_bridges;
} World;

World *world_new(void);
World *world_read(const char *text);
World *world_free(World *world);
DEFINE_CLEANUP(World *, world_free);

/* The MAC address of a number that isn't 0. */
MacAddress world_mac(unsigned number);

void world_add_network(World *world, const char *interface);
void world_add_lease(World *world, const char *hostname, const char *address, unsigned mac, int64_t expiry);
void world_add_domain(World *world, const char *name, const unsigned *macs, size_t n_macs);

/* What the world's catalog is made of; it stays the world's. */
CatalogSources world_sources(const World *world);

/* The catalog of the world.  The world must outlive it. */
Catalog *world_catalog(const World *world);

/* The world's index in a memfd, the caller's; what didn't fit a record in *ret_dropped (may be NULL). */
int world_index(const World *world, size_t *ret_dropped);

/* The META that world_index() writes. */
extern const IndexMeta world_meta;

/* A memfd with these bytes, the caller's. */
int bytes_index(const void *bytes, size_t size);

/* All bytes of an index; the caller frees them. */
char *index_bytes(int fd, size_t *ret_size);

/* An answer as text, an entry "NAME ADDRESS%INTERFACE/EXPIRY", blanks between; what it is
 * instead where it isn't LOOKUP_FOUND: "no name", "expired", "no lease", "no family", "error". */
const char *answer_text(int result, const Answer *answer, char *buffer, size_t size);
