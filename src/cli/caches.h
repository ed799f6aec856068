/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Caches between programs and the NSS modules.
 */

#include <stdbool.h>

/* Whether nscd runs and, according to its configuration, caches hosts. */
bool caches_nscd_runs(void);
