/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the helper states of a bridge: BRIDGE.json, as libvirt-resolve-facts(5) describes it.
 */

#include <jansson.h>

#include "helper/links.h"
#include "seen/bridge.h"

/* Returns NULL if memory is short. */
json_t *facts_of_bridge(const Bridge *bridge, const Links *links);

/* Takes over what was stated before; what can't be used is ignored.  Returns how many addresses were. */
size_t facts_restore(Bridge *bridge, const json_t *facts, const Links *links, Moment now);
