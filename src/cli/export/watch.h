/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * export --watch: the file follows the leases.
 */

#include "cli/export/output.h"

/* Writes the file, and again after each change, until something fails, which it reports.  While the service
 * doesn't run, or refuses to list, the file is left unchanged.  Returns a negative errno. */
int watch_run(Output *output);
