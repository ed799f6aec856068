/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Parts that the methods of the bus object share.
 */

#include "service/request.h"

#include <inttypes.h>
#include <string.h>

#include "util/protocol.h"

#define FLAGS_ALL ((uint64_t) VARIANT_LEASE | (uint64_t) VARIANT_DOMAIN)

int request_check_flags(uint64_t flags, sd_bus_error *error) {
        if (flags & ~FLAGS_ALL)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Unknown flags: 0x%" PRIx64,
                                flags & ~FLAGS_ALL);
        return 0;
}

int request_check_ifindex(int ifindex, sd_bus_error *error) {
        if (ifindex < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Bad interface index: %i",
                                ifindex);
        return 0;
}

int request_refresh(Manager *m, sd_bus_error *error) {
        int r;

        r = manager_refresh(m);
        if (r == REFRESH_DONE)
                return 0;
        m->statistics.counters[STATISTICS_UNAVAILABLE]++;
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        if (manager_error(m) == -ENOENT)
                return sd_bus_error_setf(error, SERVICE_ERROR_LEASES_UNAVAILABLE,
                                "The lease directory %s doesn't exist (yet): libvirt makes it when its first "
                                "network starts",
                                m->directory->path);
        return sd_bus_error_setf(error, SERVICE_ERROR_LEASES_UNAVAILABLE,
                        "The lease directory %s can't be read: %s", m->directory->path,
                        strerror(-manager_error(m)));
}
