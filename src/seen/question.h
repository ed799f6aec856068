/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A question to one MAC address, through one tap: do you have this address?  It is an ARP request or an IPv6
 * neighbour solicitation.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/address.h"

#define QUESTION_SIZE_MAX 86

typedef struct Question {
        int tap;              /* through which it is sent */
        MacAddress to;        /* never a group */
        Address address;      /* the address in question */
        MacAddress from;      /* the bridge */
        Address from_address; /* the host's, of the same family, in the same network */
} Question;

/* Writes the frame.  Returns its size. */
size_t question_frame(const Question *question, uint8_t buffer[static QUESTION_SIZE_MAX]);
