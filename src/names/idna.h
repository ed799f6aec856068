/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The ASCII form of a name that has other characters (IDNA 2008): programs look "büro" up as "xn--bro-hoa".
 */

#include "names/name.h"

/* Writes the ASCII form of a name, folded.  Returns 1; 0 if the name has none, or needs none; -ENOMEM. */
int name_to_ascii(const char *name, char buffer[static NAME_SIZE]);
