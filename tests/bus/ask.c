/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Questions to the service.
 */

#include "ask.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "util/util.h"

static char *error_word(const sd_bus_error *error) {
        const char *dot = strrchr(error->name, '.');

        return strdup(dot ? dot + 1 : error->name);
}

static const char *flags_text(uint64_t flags) {
        static const char *const texts[] = { "[]", "[lease]", "[domain]", "[lease,domain]" };

        return flags < ELEMENTS(texts) ? texts[flags] : "[?]";
}

char *ask_format(sd_bus_message *reply) {
        char addresses[4096] = "", *end = addresses, *text;
        const char *canonical;
        uint64_t flags;
        int ifindex, family;

        ck_assert_int_ge(sd_bus_message_enter_container(reply, 'a', "(iiay)"), 0);
        while (sd_bus_message_enter_container(reply, 'r', "iiay") > 0) {
                char buffer[INET6_ADDRSTRLEN];
                const void *bytes;
                size_t n;

                ck_assert_int_ge(sd_bus_message_read(reply, "ii", &ifindex, &family), 0);
                ck_assert_int_ge(sd_bus_message_read_array(reply, 'y', &bytes, &n), 0);
                ck_assert_uint_eq(n, family == AF_INET ? 4 : 16);
                ck_assert_ptr_nonnull(inet_ntop(family, bytes, buffer, sizeof(buffer)));
                end += sprintf(end, " %s", buffer);
                ck_assert_int_ge(sd_bus_message_exit_container(reply), 0);
        }
        ck_assert_int_ge(sd_bus_message_exit_container(reply), 0);
        ck_assert_int_ge(sd_bus_message_read(reply, "st", &canonical, &flags), 0);
        ck_assert_int_ge(asprintf(&text, "%s:%s %s", canonical, addresses, flags_text(flags)), 0);
        return text;
}

char *ask_name(sd_bus *bus, const char *name, int family, uint64_t flags, int ifindex) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, "ResolveHostname",
                        &error,
                            &reply, "isit", ifindex, name, family, flags) < 0)
                return error_word(&error);
        return ask_format(reply);
}

char *ask_wait(sd_bus *bus, const char *name, uint64_t timeout_usec) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, "WaitForHostname",
                        &error,
                            &reply, "isitt", 0, name, 0, UINT64_C(0), timeout_usec) < 0)
                return error_word(&error);
        return ask_format(reply);
}

char *ask_why(sd_bus *bus, const char *name, uint64_t flags) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_call_method(bus, FIXTURE_SERVICE, FIXTURE_OBJECT, FIXTURE_SERVICE, "ResolveHostname",
                        &error,
                            NULL, "isit", 0, name, 0, flags) < 0)
                return strdup(error.message);
        return strdup("");
}

char *ask_address(sd_bus *bus, const char *address, uint64_t flags) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int family = strchr(address, ':') ? AF_INET6 : AF_INET, ifindex;
        char names[2048] = "", *end = names, *text;
        uint8_t bytes[16];
        const char *name;

        ck_assert_int_eq(inet_pton(family, address, bytes), 1);
        ck_assert_int_ge(sd_bus_message_new_method_call(bus, &call, FIXTURE_SERVICE, FIXTURE_OBJECT,
                                         FIXTURE_SERVICE, "ResolveAddress"), 0);
        ck_assert_int_ge(sd_bus_message_append(call, "ii", 0, family), 0);
        ck_assert_int_ge(sd_bus_message_append_array(call, 'y', bytes, family == AF_INET ? 4 : 16), 0);
        ck_assert_int_ge(sd_bus_message_append(call, "t", flags), 0);
        if (sd_bus_call(bus, call, 0, &error, &reply) < 0)
                return error_word(&error);

        ck_assert_int_ge(sd_bus_message_enter_container(reply, 'a', "(is)"), 0);
        while (sd_bus_message_read(reply, "(is)", &ifindex, &name) > 0)
                end += sprintf(end, " %s", name);
        ck_assert_int_ge(sd_bus_message_exit_container(reply), 0);
        ck_assert_int_ge(sd_bus_message_read(reply, "t", &flags), 0);
        ck_assert_int_ge(asprintf(&text, "%s %s", names[0] ? names + 1 : "", flags_text(flags)), 0);
        return text;
}
