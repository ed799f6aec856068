/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The running guests of the caller's own libvirt (qemu:///session), which no service of the host can ask.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whether a domain of that name runs there. */
bool session_has_guest(const char *name);

/* How many run there. */
size_t session_count_guests(void);
