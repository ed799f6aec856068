/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way to the service: its bus client, a shared object of its own that is
 * loaded when it is first needed.
 */

#include <stdbool.h>

#include "client/question.h"
#include "index/reader.h"

/* live: whether a live index stands, if an outdated one.
 * A LookupResult, or a negative errno: -ELIBACC where the client can't be had. */
int bus_backend_ask(const Question *question, bool live, Answer *ret);
