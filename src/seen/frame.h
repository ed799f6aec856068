/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an Ethernet frame says about the address of its sender: ARP, IPv6 neighbour discovery, DHCP requests.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

/* More than any frame that is looked at needs; a longer one is read up to here. */
#define FRAME_SIZE_MAX 1536

typedef enum ClaimSource {
        CLAIM_ARP,
        CLAIM_ND,
        CLAIM_DHCP,
} ClaimSource;

/* "A frame from this MAC address says that it has this address." */
typedef struct Claim {
        MacAddress mac;
        MacAddress to; /* where the frame was sent to */
        Address address;
        ClaimSource by;
        bool in_use; /* false: it is about to be taken (a probe, a DHCP request) */
        bool answer; /* it answers a question */
} Claim;

/* "arp", "nd" or "dhcp". */
const char *claim_source_name(ClaimSource source);

/* Reads a frame.  Returns whether it is a claim: its parts agree about the sender, and a guest may have the
 * address. */
bool frame_read(const uint8_t *frame, size_t size, Claim *ret);
