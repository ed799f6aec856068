/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Points in time, formatted for people.
 */

#include <stdint.h>

#define TIMESTAMP_TEXT_MAX 40

/* "2026-11-27 14:03:59", local time; "never" for 0.  usec: since the epoch.  Returns buffer. */
const char *timestamp_format(int64_t usec, char buffer[static TIMESTAMP_TEXT_MAX]);
