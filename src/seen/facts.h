/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The helper's facts about a bridge: BRIDGE.json, as described in libvirt-resolve-facts(5).
 */

#include <jansson.h>

#include "helper/links.h"
#include "seen/bridge.h"

/* Returns NULL if there is no memory. */
json_t *facts_of_bridge(const Bridge *bridge, const Links *links);

/* Adopts the facts of an earlier run; unusable ones are ignored.  Returns the number of adopted addresses. */
size_t facts_restore(Bridge *bridge, const json_t *facts, const Links *links, Moment now);
