/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Caches that stand between programs and the NSS modules.
 */

#include <stdbool.h>

/* Whether nscd runs and, as far as its configuration says, remembers hosts. */
bool caches_nscd_runs(void);
