/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Parts that the methods of the bus object share: checks of arguments, and bringing the index up to date.
 */

#include "service/manager.h"

/* Check arguments that several methods take.  Return 0, or a negative errno with *error set. */
int request_check_flags(uint64_t flags, sd_bus_error *error);
int request_check_ifindex(int ifindex, sd_bus_error *error);

/* Brings the index up to date.  Fails with *error set if there is nothing to answer from. */
int request_refresh(Manager *m, sd_bus_error *error);
