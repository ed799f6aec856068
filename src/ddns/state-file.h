/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Two JSON files: the state, with the names that may be in DNS as this host's, written before they are; and
 * the status, which "libvirt-resolve status" shows.
 */

#include <stdint.h>

#include "ddns/config.h"
#include "ddns/entries.h"

/* Adds the names in a state's document that are in configured zones.  Returns 0; -EBADMSG: it isn't an
 * object; -ENOMEM. */
int state_parse(const Config *c, const json_t *document, Entries *e, uint32_t *ret_ttl);

/* Reads the state.  Returns 0, also if there is none, with *ret_ttl 0; or a negative errno after logging why.
 */
int state_file_read(const Config *c, Entries *e, uint32_t *ret_ttl);

/* Writes the state, and waits for the disk.  Marks the entries as recorded.  Returns 0 or a negative errno.
 */
int state_file_write(const Config *c, Entries *e);

/* Replaces the file with the document.  sync: waits for the disk. */
int file_replace(const char *directory, const char *name, const json_t *document, bool sync);
