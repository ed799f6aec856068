/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What "libvirt-resolve status" and "libvirt-resolve doctor" show of it: status.json in the runtime
 * directory.
 */

#include "ddns/sync.h"

/* Conflicts that are named; the others are counted. */
#define STATUS_CONFLICTS_MAX 20U

void status_file_write(const Sync *s);
