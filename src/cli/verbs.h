/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The program's verbs, each in its own file.  Each reports errors on standard error, and returns the exit
 * status.
 */

#include "cli/options.h"

int verb_query(const Options *o);
int verb_wait(const Options *o);
int verb_leases(const Options *o);
int verb_guests(const Options *o);
int verb_status(const Options *o);
int verb_monitor(const Options *o);
int verb_export(const Options *o);
int verb_statistics(const Options *o);
int verb_reset_statistics(const Options *o);
int verb_reload(const Options *o);
int verb_log_level(const Options *o);
int verb_doctor(const Options *o);
int verb_nss(const Options *o);
int verb_bridged(const Options *o);
