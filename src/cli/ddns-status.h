/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What libvirt-resolve-ddns says of itself, for status and doctor.
 */

#include <jansson.h>

/* Reads the status file of this host's daemon.  Returns NULL if it doesn't run, or another host is asked. */
json_t *ddns_status_read(void);

/* Prints it, with labels of so many columns. */
void ddns_status_print(const json_t *status, int label_width);
