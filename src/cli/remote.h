/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Another host whose service is asked instead of this one's, over ssh.
 */

#include <systemd/sd-bus.h>

/* Chooses the host, as ssh takes it, for the whole run; NULL: this one.  The text has to stay. */
void remote_choose(const char *host);

/* The host that was chosen, as the user gave it; NULL: this one. */
const char *remote_host(void);

/* Connects to the chosen host's system bus, and waits until that is done: ssh may ask for a password.
 * Returns 0 or a negative errno; ssh has then said on standard error what it knows. */
int remote_open_bus(sd_bus **ret);
