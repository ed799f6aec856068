/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A domain as libvirt describes it in XML: its name and its network cards (NICs).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/links.h"
#include "util/address.h"
#include "util/limits.h"
#include "util/util.h"

#define UUID_TEXT_MAX 37
#define NIC_TYPE_MAX 16
#define MASTER_UNKNOWN (-1)

/* The size of the description of an ignored NIC. */
#define DOMAIN_PROBLEM_SIZE 256

/* A port of the host that passt forwards to a port of the guest. */
typedef struct PortForward {
        bool udp;
        uint16_t host, guest;
        char address[ADDRESS_TEXT_MAX]; /* the host's; empty: any */
} PortForward;

/* Strings are empty if the XML doesn't have the value. */
typedef struct Nic {
        MacAddress mac;
        char type[NIC_TYPE_MAX];          /* "network", "bridge", "direct", ... */
        char bridge[INTERFACE_NAME_SIZE]; /* at the time of the XML */
        char tap[INTERFACE_NAME_SIZE];    /* the host's side of the NIC */
        char network[NAME_LENGTH_MAX + 1];
        const char *reason; /* why the host can't see its address, a clause; NULL: it may */
        PortForward *ports;
        size_t n_ports;
        int master; /* the link whose port the tap was last; 0: none; or MASTER_UNKNOWN */
} Nic;

typedef struct Domain {
        char name[NAME_LENGTH_MAX + 1];
        char uuid[UUID_TEXT_MAX];
        bool running;
        Nic *nics;
        size_t n_nics;
} Domain;

/*
 * Parses the XML of virDomainGetXMLDesc().  Unusable NICs are left out; problem describes the first of them,
 * or is empty.  Returns 0, -EBADMSG if the XML isn't a domain with a usable name and UUID, or -ENOMEM.
 */
int domain_parse(const char *xml, size_t size, Domain **ret, char problem[static DOMAIN_PROBLEM_SIZE]);

Domain *domain_free(Domain *domain);
DEFINE_CLEANUP(Domain *, domain_free);
