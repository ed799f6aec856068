/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Decides after a failure whether to try again.
 */

#include "client/retry.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "util/util.h"

#define PAUSE_FIRST_USEC UINT64_C(4000)
#define PAUSE_MAX_USEC UINT64_C(128000)

/* The service or the bus went away during the call, for example because the service restarts. */
static bool error_is_loss(const char *name) {
        return strcmp(name, "org.freedesktop.DBus.Error.NoReply") == 0 ||
               strcmp(name, "org.freedesktop.DBus.Error.Disconnected") == 0;
}

/* dbus-broker's error for a service that it couldn't activate: the service has just crashed (likely if there
 * is an index of a service), or its unit can't start.  Only the message distinguishes them. */
static bool error_is_activation(const char *name, const char *message) {
        static const char *const final[] = { "unit is masked", "unit is invalid", "unknown unit" };

        if (strcmp(name, "org.freedesktop.DBus.Error.NameHasNoOwner") != 0)
                return false;
        for (size_t i = 0; i < ELEMENTS(final); i++)
                if (message && strstr(message, final[i]))
                        return false;
        return true;
}

Retry retry_after_error(const char *name, const char *message, bool service_expected) {
        if (error_is_loss(name))
                return RETRY_ALWAYS;
        if (service_expected && error_is_activation(name, message))
                return RETRY_ACTIVATION;
        return RETRY_NEVER;
}

/* ENOBUFS, ECONNRESET, EPIPE: dbus-daemon accepts 256 connections of a user, and closes further ones before
 * or after their first bytes; EAGAIN: its queue of connections is full. */
Retry retry_after_errno(int error) {
        static const int passing[] = { -ENOBUFS, -ECONNRESET, -EPIPE, -EAGAIN };

        for (size_t i = 0; i < ELEMENTS(passing); i++)
                if (error == passing[i])
                        return RETRY_ALWAYS;
        return RETRY_NEVER;
}

uint64_t retry_pause_usec(unsigned failures) {
        if (failures <= 1)
                return 0;
        if (failures >= 8)
                return PAUSE_MAX_USEC;
        return MIN2(PAUSE_FIRST_USEC << (failures - 2), PAUSE_MAX_USEC);
}

uint64_t retry_time(Retry retry, unsigned failures, uint64_t begin, uint64_t now, uint64_t deadline) {
        uint64_t until = retry == RETRY_ACTIVATION ? MIN2(begin + RETRY_ACTIVATION_USEC, deadline) : deadline,
                 again = now + retry_pause_usec(failures);

        return retry == RETRY_NEVER || again >= until ? 0 : again;
}
