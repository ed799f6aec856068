/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's log: to the journal, with fields, if standard error is connected to it, else plain lines on
 * standard error.
 */

#include <stdbool.h>
#include <syslog.h>

#include "util/util.h"

/* The most detailed level that is logged, LOG_EMERG to LOG_DEBUG. */
void log_set_level(int level);
int log_get_level(void);

/* Converts syslog's names "emerg", "alert", "crit", "err", "warning", "notice", "info" and "debug" to
 * numbers, and back; -EINVAL. */
int log_level_from_text(const char *text);
const char *log_level_to_text(int level);

/* "journal" or "console". */
const char *log_target(void);

/* Logs a line.  file: the lease file that it is about, for the journal field LIBVIRT_RESOLVE_FILE=; or NULL.
 */
void log_line(int level, const char *file, const char *format, ...) _printf_(3, 4);

#define log_error(...) log_line(LOG_ERR, NULL, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, NULL, __VA_ARGS__)
#define log_notice(...) log_line(LOG_NOTICE, NULL, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, NULL, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, NULL, __VA_ARGS__)
