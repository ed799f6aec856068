/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the methods of the bus object have in common: checks of their arguments, and that
 * what they answer from is up to date.
 */

#include "service/manager.h"

/* 0, or a negative errno with *error set: for the arguments that several methods take. */
int request_check_flags(uint64_t flags, sd_bus_error *error);
int request_check_ifindex(int ifindex, sd_bus_error *error);

/* Brings the index up to date; fails where there is nothing to answer from. */
int request_refresh(Manager *m, sd_bus_error *error);
