/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The meaning of the server's answer to an update.  No network; libldns compares the signature's time with
 * the clock.
 */

#include <ldns/ldns.h>
#include <stddef.h>
#include <stdint.h>

#include "ddns/key.h"

/* The result of an update. */
typedef enum Answer {
        ANSWER_DONE = 0,
        ANSWER_UNMET,   /* a prerequisite isn't met */
        ANSWER_REFUSED, /* any other error from the server, or an invalid answer */
        ANSWER_LOST,    /* no answer: the update may have been done */
} Answer;

/* Judges the answer to a signed query.  wire: any bytes.  *ret_reason: for people, why it is refused, or
 * NULL. */
Answer answer_judge(const uint8_t *wire, size_t size, const ldns_pkt *query, const Key *key,
                const char **ret_reason);
