/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A guest from ListGuests(), for people.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/json.h"
#include "util/text.h"

#define GUEST_LABEL_SIZE (TEXT_NAME_SIZE + 64)

/* "web1 (52:54:00:aa:00:01 on br0)".  Returns buffer. */
const char *guest_label(const json_t *guest, char *buffer, size_t size);

/* "ssh -p 2222 localhost", if a port of the host is forwarded to the guest's SSH server.  Returns whether one
 * is. */
bool guest_ssh_command(const json_t *guest, char *buffer, size_t size);

/* What to do about a guest without an address: a sentence, or NULL. */
const char *guest_advice(const json_t *guest);
