/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asks the service on another host instead of this one's, over ssh.
 */

#include <systemd/sd-bus.h>

/* Selects the host, as an argument of ssh, for the whole run; NULL: this one.  The text must stay valid. */
void remote_choose(const char *host);

/* The selected host, as the user gave it; NULL: this one. */
const char *remote_host(void);

/* Connects to the selected host's system bus, and waits until that is done: ssh may ask for a password.
 * Returns 0, or a negative errno; ssh has then reported on standard error what it knows. */
int remote_open_bus(sd_bus **ret);
