/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The claims of an Ethernet frame's sender to an address: in ARP, IPv6 neighbour discovery, and DHCP
 * requests.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

/* More than any relevant frame needs; longer ones are truncated. */
#define FRAME_SIZE_MAX 1536

typedef enum ClaimSource {
        CLAIM_ARP,
        CLAIM_ND,
        CLAIM_DHCP,
} ClaimSource;

/* "The sender with this MAC address has this address." */
typedef struct Claim {
        MacAddress mac;
        MacAddress to; /* the frame's destination */
        Address address;
        ClaimSource by;
        bool in_use; /* false: the guest is about to take it (a probe, a DHCP request) */
        bool answer; /* the frame answers a question */
} Claim;

/* "arp", "nd" or "dhcp". */
const char *claim_source_name(ClaimSource source);

/* Reads a frame.  Returns whether it is a claim: all of it agrees about the sender, and a guest may have the
 * address. */
bool frame_read(const uint8_t *frame, size_t size, Claim *ret);
