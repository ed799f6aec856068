/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line.
 */

#include "ddns/config.h"

/* Returns 1 to go on, 0 if all is done, or a negative errno after having said why. */
int options_parse(int argc, char **argv, Config *ret);
