/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection for a single call.  sd_bus_call() would start its time-out only after connecting, so a frozen
 * bus would block it for a minute and a half; here one deadline covers both.  Nothing outlives the call;
 * closing doesn't flush, which would wait.
 */

#include "client/call.h"

#include <stdlib.h>

#include "util/bus-address.h"
#include "client/client.h"
#include "client/retry.h"
#include "util/clock.h"
#include "util/protocol.h"
#include "util/util.h"

typedef struct Call {
        const char *method;
        CallFill fill;
        const void *question;
        bool service_expected;
        uint64_t deadline;
} Call;

static int connection_start(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r < 0)
                return r;
        r = sd_bus_set_address(bus, bus_address_choose(secure_getenv("DBUS_SYSTEM_BUS_ADDRESS")));
        if (r < 0)
                return r;
        r = sd_bus_set_bus_client(bus, true);
        if (r < 0)
                return r;
        r = sd_bus_negotiate_fds(bus, false);
        if (r < 0)
                return r;
        r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        sd_bus_message **ret = userdata;

        *ret = sd_bus_message_ref(reply);
        return 0;
}

/* The call stays in the connection's queue until the bus has replied to Hello. */
static int call_send(const Call *call, sd_bus *bus, sd_bus_message **reply, sd_bus_slot **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &message, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE,
                        call->method);
        if (r < 0)
                return r;
        r = call->fill(message, call->question);
        if (r < 0)
                return r;
        return sd_bus_call_async(bus, ret, message, on_reply, reply, UINT64_MAX);
}

/* Runs the connection until *reply is set. */
static int call_wait(const Call *call, sd_bus *bus, sd_bus_message **reply) {
        uint64_t connect_deadline = call->service_expected ?
                                                    call->deadline :
                                                    MIN2(clock_usec(CLOCK_MONOTONIC) + CLIENT_CONNECT_USEC,
                                                                    call->deadline);

        for (;;) {
                uint64_t now, limit;
                int r;

                r = sd_bus_process(bus, NULL);
                if (*reply)
                        return 0;
                if (r < 0 && r != -EINTR)
                        return r;

                now = clock_usec(CLOCK_MONOTONIC);
                limit = sd_bus_is_ready(bus) > 0 ? call->deadline : connect_deadline;
                if (now >= limit)
                        return -ETIMEDOUT;
                if (r != 0)
                        continue;

                r = sd_bus_wait(bus, limit - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }
}

static int call_try(const Call *call, sd_bus_message **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        r = connection_start(&bus);
        if (r < 0)
                return r;
        r = call_send(call, bus, &reply, &slot);
        if (r < 0)
                return r;
        r = call_wait(call, bus, &reply);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(reply);
        return 0;
}

static Retry retry_after(int r, sd_bus_message *reply, bool service_expected) {
        const sd_bus_error *e;

        if (r < 0)
                return retry_after_errno(r);
        if (!sd_bus_message_is_method_error(reply, NULL))
                return RETRY_NEVER;
        e = sd_bus_message_get_error(reply);
        return retry_after_error(e->name, e->message, service_expected);
}

int call_service(const char *method, CallFill fill, const void *question, bool service_expected,
                sd_bus_message **ret) {
        uint64_t begin = clock_usec(CLOCK_MONOTONIC);
        uint64_t activation_begin = 0; /* time of the first such error, which may have taken long */
        Call call = { method, fill, question, service_expected, begin + CLIENT_TIMEOUT_USEC };

        if (begin == 0)
                return -ENOSYS; /* no clock, no deadline */

        for (unsigned failures = 1;; failures++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                uint64_t now, again;
                Retry retry;
                int r;

                r = call_try(&call, &reply);
                now = clock_usec(CLOCK_MONOTONIC);
                retry = retry_after(r, reply, service_expected);
                if (retry == RETRY_ACTIVATION && activation_begin == 0)
                        activation_begin = now;
                again = retry_time(retry, failures, activation_begin, now, call.deadline);
                if (again == 0) {
                        if (r >= 0)
                                *ret = TAKE_PTR(reply);
                        return r;
                }
                clock_sleep_until(again);
        }
}
