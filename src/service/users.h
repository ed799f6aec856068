/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Root and the users of services, or people: limits keep room for the first.
 */

#include <stdbool.h>
#include <sys/types.h>

/* Whether it is root or a system user, by the range that systemd was built with.  Users that systemd makes
 * for one run of a service (DynamicUser=) aren't. */
static inline bool uid_is_system(uid_t uid) {
        return uid <= SYSTEM_UID_MAX;
}
