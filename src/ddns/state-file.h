/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Two files of JSON: the state, which names may be in DNS as this host's, written before they are; and the
 * status, which "libvirt-resolve status" shows.
 */

#include <stdint.h>

#include "ddns/config.h"
#include "ddns/entries.h"

/* Reads the state.  Returns 0, also if there is none; *ret_ttl is 0 then.  A negative errno after having said
 * why. */
int state_file_read(const Config *c, Entries *e, uint32_t *ret_ttl);

/* Writes the state, and waits for the disk.  Marks the entries as recorded.  Returns 0 or a negative errno.
 */
int state_file_write(const Config *c, Entries *e);

/* Replaces the file by the document.  sync: waits for the disk. */
int file_replace(const char *directory, const char *name, const json_t *document, bool sync);
