/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls to the service.
 */

#include "cli/service-client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/retry.h"
#include "cli/remote.h"
#include "cli/service-unit.h"
#include "cli/style.h"
#include "cli/value.h"
#include "util/clock.h"
#include "util/text.h"

/* The remote host's name between two texts; "" if this host is asked. */
static const char *of_host(const char *prefix, const char *suffix, char *buffer, size_t size) {
        char host[TEXT_NAME_SIZE];

        buffer[0] = '\0';
        if (remote_host())
                (void) snprintf(buffer, size, "%s%s%s", prefix,
                                text_escape(remote_host(), host, sizeof(host)), suffix);
        return buffer;
}

static void print_advice(const char *where, const char *advice) {
        if (advice)
                fprintf(stderr, "%s%s%s%s\n", style(stderr, STYLE_GREY), where, advice,
                                style(stderr, STYLE_PLAIN));
}

static void report_bus_error(int error) {
        char host[TEXT_NAME_SIZE + 16];

        fprintf(stderr, "libvirt-resolve: The system bus%s can't be reached: %s.\n",
                        of_host(" of ", "", host, sizeof(host)), strerror(-error));
        print_advice("", remote_host() ? REMOTE_BUS_ADVICE : BUS_ADVICE);
}

int client_open(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = remote_host() ? remote_open_bus(&bus) : sd_bus_open_system(&bus);
        if (r < 0) {
                report_bus_error(r);
                return r;
        }
        if (!remote_host() && service_unit_has_failed(bus)) {
                const sd_bus_error failed =
                                SD_BUS_ERROR_MAKE_CONST(SD_BUS_ERROR_NAME_HAS_NO_OWNER, "it couldn't start");

                client_report_error(&failed);
                return -EUNATCH;
        }
        *ret = TAKE_PTR(bus);
        return 0;
}

int client_open_with_properties(sd_bus **ret, json_t **ret_properties) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open(&bus);
        if (r < 0)
                return r;
        r = client_get_properties(bus, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, &error, ret_properties);
        if (r < 0) {
                client_report_error(&error);
                return r;
        }
        *ret = TAKE_PTR(bus);
        return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sd_bus_message **reply = userdata;

        *reply = sd_bus_message_ref(m);
        return 1;
}

/* Runs the bus until the reply is there.  Returns 0 or a negative errno. */
static int wait_reply(sd_bus *bus, sd_bus_message **reply, uint64_t deadline) {
        while (!*reply) {
                uint64_t now = clock_usec(CLOCK_MONOTONIC);
                int r;

                if (now >= deadline)
                        return -ETIMEDOUT;
                r = sd_bus_process(bus, NULL);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                r = sd_bus_wait(bus, deadline - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        return 0;
}

uint64_t client_try_again(ClientTries *tries, const sd_bus_error *error, uint64_t deadline) {
        Retry retry = retry_after_error(error->name, error->message, true);
        uint64_t now = clock_usec(CLOCK_MONOTONIC);

        if (tries->n_failures++ == 0)
                tries->begin = now;
        else if (sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN))
                retry = RETRY_ALWAYS; /* it existed a moment ago */
        return retry_time(retry, tries->n_failures, tries->begin, now,
                        MIN2(tries->begin + CALL_TIMEOUT_USEC, deadline));
}

static int send_once(sd_bus *bus, sd_bus_message *m, uint64_t deadline, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        r = sd_bus_call_async(bus, &slot, m, on_reply, &reply, UINT64_MAX);
        if (r >= 0)
                r = wait_reply(bus, &reply, deadline);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(reply);
        return 0;
}

int client_send(sd_bus *bus, sd_bus_message *m, uint64_t usec, sd_bus_error *error, sd_bus_message **ret) {
        uint64_t deadline = clock_usec(CLOCK_MONOTONIC) + usec;
        ClientTries tries = { 0 };

        for (;;) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                uint64_t again;
                int r;

                r = send_once(bus, m, deadline, &reply);
                if (r == -ETIMEDOUT)
                        return sd_bus_error_setf(error, SD_BUS_ERROR_TIMEOUT, "no answer within %" PRIu64 "s",
                                        usec / 1000000);
                if (r < 0)
                        return sd_bus_error_setf(error, SD_BUS_ERROR_DISCONNECTED,
                                        "the connection to the bus is lost: %s", strerror(-r));
                if (!sd_bus_message_is_method_error(reply, NULL)) {
                        *ret = TAKE_PTR(reply);
                        return 0;
                }
                again = client_try_again(&tries, sd_bus_message_get_error(reply), deadline);
                if (again == 0)
                        return sd_bus_error_copy(error, sd_bus_message_get_error(reply));
                clock_sleep_until(again);
        }
}

int client_new_call(sd_bus *bus, const char *member, sd_bus_message **ret) {
        return sd_bus_message_new_method_call(bus, ret, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE,
                        member);
}

static int call_with(sd_bus *bus, sd_bus_error *error, sd_bus_message **ret, const char *member,
                const char *types, va_list ap) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = client_new_call(bus, member, &m);
        if (r >= 0)
                r = sd_bus_message_appendv(m, types, ap);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        return client_send(bus, m, CALL_TIMEOUT_USEC, error, ret);
}

static int fetch_with(sd_bus *bus, sd_bus_error *error, json_t **ret, const char *member, const char *types,
                va_list ap) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = call_with(bus, error, &reply, member, types, ap);
        if (r < 0)
                return r;
        r = value_read(reply, ret);
        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
}

int client_call(sd_bus *bus, sd_bus_error *error, sd_bus_message **ret, const char *member, const char *types,
                ...) {
        va_list ap;
        int r;

        va_start(ap, types);
        r = call_with(bus, error, ret, member, types, ap);
        va_end(ap);
        return r;
}

int client_fetch(sd_bus *bus, sd_bus_error *error, json_t **ret, const char *member, const char *types, ...) {
        va_list ap;
        int r;

        va_start(ap, types);
        r = fetch_with(bus, error, ret, member, types, ap);
        va_end(ap);
        return r;
}

int client_fetch_once(json_t **ret, const char *member, const char *types, ...) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        va_list ap;
        int r;

        r = client_open(&bus);
        if (r < 0)
                return r;
        va_start(ap, types);
        r = fetch_with(bus, &error, ret, member, types, ap);
        va_end(ap);
        if (r < 0)
                client_report_error(&error);
        return r;
}

int client_get_properties(sd_bus *bus, const char *name, const char *path, const char *interface,
                sd_bus_error *error, json_t **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, name, path, "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", interface);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        r = client_send(bus, m, CALL_TIMEOUT_USEC, error, &reply);
        if (r < 0)
                return r;
        r = value_read(reply, ret);
        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
}

int client_call_once(const char *member) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open(&bus);
        if (r < 0)
                return r;
        r = client_call(bus, &error, &reply, member, "");
        if (r < 0)
                client_report_change_error(&error);
        return r;
}

int client_get_own_properties(json_t **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;

        return client_open_with_properties(&bus, ret);
}

/* ---- reporting errors ---- */

bool client_error_is_an_answer(const sd_bus_error *error) {
        return strncmp(error->name ?: "", SERVICE_INTERFACE ".", strlen(SERVICE_INTERFACE ".")) == 0;
}

const char *client_advice(const sd_bus_error *error) {
        static const struct {
                const char *error, *advice;
        } known[] = {
                { SERVICE_ERROR_LEASES_UNAVAILABLE,
                                "The service runs, but knows no guests. See: libvirt-resolve doctor" },
                { SD_BUS_ERROR_SERVICE_UNKNOWN,
                                "Is it installed? Start it with: systemctl enable --now libvirt-resolved" },
                { SD_BUS_ERROR_NAME_HAS_NO_OWNER, "See: systemctl status libvirt-resolved" },
                { "org.freedesktop.systemd1.NoSuchUnit",
                                "Start it with: systemctl enable --now libvirt-resolved" },
                { SD_BUS_ERROR_ACCESS_DENIED,
                                "Is the bus's policy for it installed? See: libvirt-resolve doctor" },
                { SD_BUS_ERROR_NO_REPLY, "The service doesn't start, or has stopped. See: journalctl -b -u "
                                         "libvirt-resolved" },
                { SD_BUS_ERROR_TIMEOUT,
                                "The service hangs, or can't start. See: journalctl -b -u libvirt-resolved" },
                { SD_BUS_ERROR_UNKNOWN_METHOD, "The running service is older than this program.\n"
                                               "Fix it with: systemctl restart libvirt-resolved" },
        };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (sd_bus_error_has_name(error, known[i].error))
                        return known[i].advice;
        return client_error_is_an_answer(error) ? NULL : "See: systemctl status libvirt-resolved";
}

const char *client_reason(const sd_bus_error *error, char *buffer, size_t size) {
        size_t n;

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return "the bus doesn't allow it"; /* its own message quotes the rule at length */
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN))
                return "it isn't running, and the bus can't start it";
        text_escape(error->message ?: error->name, buffer, size);
        n = strlen(buffer);
        if (n > 0 && buffer[n - 1] == '.')
                buffer[n - 1] = '\0';
        return buffer;
}

/* Whether the unit's state may explain more than the error. */
static bool unit_knows_more(const sd_bus_error *error) {
        return !client_error_is_an_answer(error) &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED) &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD) &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_LIMITS_EXCEEDED) &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_DISCONNECTED);
}

/* Reports why the service doesn't run.  Returns whether it doesn't. */
static bool report_unit(void) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        ServiceUnit unit;

        if (sd_bus_open_system(&bus) < 0 || service_unit_ask(bus, &unit) < 0 || unit.verdict != UNIT_BROKEN)
                return false;
        fprintf(stderr, "libvirt-resolve: libvirt-resolved can't be asked: %s.\n", unit.text);
        print_advice("", unit.advice);
        return true;
}

void client_report_error(const sd_bus_error *error) {
        char buffer[1024], host[TEXT_NAME_SIZE + 16];
        const char *reason = client_reason(error, buffer, sizeof(buffer));

        /* For another host this would need one more connection by ssh. */
        if (!remote_host() && unit_knows_more(error) && report_unit())
                return;
        if (client_error_is_an_answer(error))
                fprintf(stderr, "libvirt-resolve: %s.\n", reason);
        else
                fprintf(stderr, "libvirt-resolve: libvirt-resolved%s can't be asked: %s.\n",
                                of_host(" on ", "", host, sizeof(host)), reason);
        print_advice(of_host("On ", ":\n", host, sizeof(host)), client_advice(error));
}

void client_report_change_error(const sd_bus_error *error) {
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                fprintf(stderr, "libvirt-resolve: Only root may do that.\n");
        else
                client_report_error(error);
}
