/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Spans of time, as people write and read them.
 */

#include <stdint.h>

#define SPAN_TEXT_MAX 40

/* "42s", "5min 10s", "23h 59min", "2d 3h": the two largest units.  Returns buffer. */
const char *span_format(uint64_t seconds, char buffer[static SPAN_TEXT_MAX]);

/* The time from now until expiry (both in µs since the epoch): a span, "never" for 0. */
const char *span_format_expiry(int64_t expiry, int64_t now, char buffer[static SPAN_TEXT_MAX]);

/* What has passed at now since then (both in µs since the epoch): a span and "ago", "never" for 0, "long ago"
 * for a time before the epoch. */
const char *span_format_ago(int64_t then, int64_t now, char buffer[static SPAN_TEXT_MAX]);

/* Reads "30", "500ms", "30s", "5min", "2h", "1d" or "infinity" (UINT64_MAX) as microseconds.  Returns 0 or
 * -EINVAL. */
int span_parse(const char *text, uint64_t *ret_usec);
