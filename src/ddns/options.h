/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line.
 */

#include "ddns/config.h"

/* Returns 1 to continue, 0 if nothing is left to do, or a negative errno after reporting the error. */
int options_parse(int argc, char **argv, Config *ret);
