/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names that a host keeps in a zone, from a zone transfer (AXFR).  Waits for the server: only for
 * commands.
 */

#include <ldns/ldns.h>

#include "ddns/config.h"
#include "ddns/key.h"

/* Called for each name; a negative errno ends the listing. */
typedef int (*ZoneListHandler)(const char *owner, void *userdata);

/* The owner of a marker that says "host=ID"; NULL: it is another record.  Free it with free(). */
char *zone_list_owner(const ldns_rr *rr, const char *host);

/* Returns 0, or a negative errno after reporting why. */
int zone_list(const Config *c, const Key *key, const char *zone, const char *host, ZoneListHandler handler,
                void *userdata);
