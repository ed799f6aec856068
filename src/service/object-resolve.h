/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus methods that resolve: ResolveHostname(), ResolveAddress() and WaitForHostname().
 */

#include "service/manager.h"
#include "service/waits.h"

int method_resolve_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_resolve_address(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_wait_for_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* The WaitAnswer of these methods: replies to a waiting call if its question can be answered now. */
int question_answer(Manager *m, sd_bus_message *call, const Question *question);
