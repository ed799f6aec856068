/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A fuzzer's bytes as what a D-Bus message can carry: types, and values of them.
 */

#include <systemd/sd-bus.h>

#include "input.h"

#define SIGNATURE_SIZE 256U

/* Any types, one behind the other. */
const char *values_choose_signature(Input *in, char buffer[static SIGNATURE_SIZE]);

/* Values of these types; there is none that the message wouldn't take. */
void values_append(sd_bus_message *message, const char *signature, Input *in);
