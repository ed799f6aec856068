/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus methods that resolve: ResolveHostname(), ResolveAddress() and
 * WaitForHostname().
 */

#include "service/manager.h"
#include "service/waits.h"

int method_resolve_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_resolve_address(sd_bus_message *call, void *userdata, sd_bus_error *error);
int method_wait_for_hostname(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* WaitAnswer of these: replies to a waiting call if its question has an answer now. */
int question_answer(Manager *m, sd_bus_message *call, const Question *question);
