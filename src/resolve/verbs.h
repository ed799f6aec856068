/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the program does: a file a verb.  Each says on standard error what went wrong,
 * and returns the exit status.
 */

#include "resolve/options.h"

int verb_query(const Options *o);
int verb_leases(const Options *o);
