/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks the service on another host.
 */

#include "cli/remote.h"

#include <errno.h>
#include <stdint.h>

#include "util/util.h"

static const char *chosen_host;

void remote_choose(const char *host) {
        chosen_host = host;
}

const char *remote_host(void) {
        return chosen_host;
}

/* sd-bus limits the wait: it gives up if nobody has logged in after 90 s. */
static int wait_until_ready(sd_bus *bus) {
        int r;

        while ((r = sd_bus_is_ready(bus)) == 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        return r < 0 ? r : 0;
}

int remote_open_bus(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = sd_bus_open_system_remote(&bus, chosen_host);
        if (r >= 0)
                r = wait_until_ready(bus);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}
