/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One UPDATE message (RFC 2136): steps for one or more names of a zone, each with prerequisites that protect
 * records that aren't ours (RFC 4703).  The server does all of a message or nothing.
 *
 * A name of ours has its records, a DHCID, and below it at _libvirt-resolve a TXT record, the marker, which
 * names the host that keeps it.  When the guest has left that host, a second TXT record, at _left below the
 * marker, says so until the name is removed or another host has taken it over.
 */

#include <jansson.h>
#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdint.h>

#include "ddns/key.h"
#include "util/util.h"

#define MARKER_LABEL "_libvirt-resolve"
#define LEFT_LABEL "_left"

typedef enum Step {
        STEP_CHECK = 0,   /* only prerequisites: all records are as wanted */
        STEP_REPLACE_OWN, /* if the marker names this host */
        STEP_CREATE,      /* if there are no records */
        STEP_TAKE_OVER,   /* if the DHCID is this guest's: it moved from another host */
        STEP_REPAIR,      /* the same, if there is no marker */
        STEP_TAKE_BACK,   /* the same, if the guest has left the host that the marker names */
        STEP_LEAVE,       /* if the marker names this host: says that the guest has left it */
        STEP_REMOVE,      /* if the marker names this host */
} Step;

typedef struct Update {
        ldns_rr_list *prerequisites, *changes;
        const char *zone, *host;
        bool reverse;
        uint32_t ttl;
} Update;

/* Starts a message.  zone, host: must outlive the update.  Returns 0 or -ENOMEM. */
int update_init(Update *u, const char *zone, bool reverse, const char *host, uint32_t ttl);

/* For _cleanup_(). */
void update_done(Update *u);

/* Adds a step for a name.  entry: its value from selection_make(); NULL with STEP_LEAVE and
 * STEP_REMOVE. */
int update_add(Update *u, Step step, const char *owner, const json_t *entry);

/* Signs the message.  Returns it, or NULL. */
ldns_pkt *update_sign(const Update *u, const Key *key);

/* Whether it is a name that we may have in DNS, also with the marker's label before it. */
bool owner_is_valid(const char *owner);

const char *step_to_text(Step step);
