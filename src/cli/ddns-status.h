/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The status of libvirt-resolve-ddns, for the verbs status and doctor.
 */

#include <jansson.h>

/* Reads the status file of this host's daemon.  Returns NULL if it doesn't run, or if -H names another host.
 */
json_t *ddns_status_read(void);

/* Prints it; labels are label_width columns wide. */
void ddns_status_print(const json_t *status, int label_width);
