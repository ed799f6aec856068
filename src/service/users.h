/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Limits by user reserve room for root and for the users of services.
 */

#include <stdbool.h>
#include <sys/types.h>

/* Whether a user is root or a system user, by the range that systemd was built with.  Users that systemd
 * allocates for a running service (DynamicUser=) aren't. */
static inline bool uid_is_system(uid_t uid) {
        return uid <= SYSTEM_UID_MAX;
}
