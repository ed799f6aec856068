/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus backend: its client is a separate shared object, loaded on first use.
 */

#include <stdbool.h>

#include "client/question.h"
#include "index/reader.h"

/* service_expected: an index of a service exists, even if outdated.  Returns a LookupResult, or a negative
 * errno: -ELIBACC if the client can't be loaded. */
int bus_backend_ask(const Question *question, bool service_expected, Answer *ret);
