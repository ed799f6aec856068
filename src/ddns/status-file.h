/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The daemon's status, for "libvirt-resolve status" and "libvirt-resolve doctor": status.json in the runtime
 * directory.
 */

#include "ddns/sync.h"

/* The number of conflicts that are named; more are only counted. */
#define STATUS_CONFLICTS_MAX 20U

void status_file_write(const Sync *s);
