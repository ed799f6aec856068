/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a lying service can reply to an NSS module: any error, or any values of any types, in a reply
 * of the shape that is expected or of another.  The answer that the client makes of it holds
 * nothing but what was asked for, and may be a guest's.
 *
 * The input: what is asked; 0 for an error and its name, or the reply's types (even: as
 * expected); values.
 */

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "client/call.h"
#include "client/client.h"
#include "client/question.h"
#include "names/name.h"
#include "util/protocol.h"
#include "values.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const asked_names[] = { "web1", "WEB1.", "web1.lab.example", "Web Server", "localhost",
                "" };

static const struct {
        int family;
        uint8_t bytes[16];
} asked_addresses[] = {
        { AF_INET, { 10, 0, 0, 1 } }, { AF_INET, { 127, 0, 0, 1 } }, { AF_INET6, { 0xfd, [15] = 1 } },
          { AF_INET6, { 0xfe, 0x80, [15] = 1 } },
};

static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };

static sd_bus *client, *service;
static Input input; /* what the service replies */

/* ---- the service ---- */

static int reply_error(sd_bus_message *call) {
        static const char *const names[] = {
                SERVICE_ERROR_NO_SUCH_NAME,
                SERVICE_ERROR_NO_SUCH_ADDRESS,
                SERVICE_ERROR_NO_DATA,
                SERVICE_ERROR_NAME_REFUSED,
                SERVICE_ERROR_LEASES_UNAVAILABLE,
                SERVICE_ERROR_TIMED_OUT,
                SD_BUS_ERROR_NO_REPLY,
                SD_BUS_ERROR_SERVICE_UNKNOWN,
                "System.Error.ERANGE",
                "System.Error.ENOSUCH",
                "a.b",
        };
        const char *name = names[input_byte(&input) % ELEMENTS(names)];
        char text[256];

        input_text(&input, text, sizeof(text));
        assert(sd_bus_reply_method_errorf(call, name, "%s", utf8_is_string(text) ? text : "") >= 0);
        return 1;
}

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *expected = sd_bus_message_is_method_call(call, NULL,
                        "ResolveHostname") ? "a(iiay)st" : "a(is)t";
        uint8_t shape = input_byte(&input);
        char signature[SIGNATURE_SIZE];

        if (shape == 0)
                return reply_error(call);
        assert(sd_bus_message_new_method_return(call, &reply) >= 0);
        values_append(reply, shape % 2 == 0 ? expected : values_choose_signature(&input, signature), &input);
        assert(sd_bus_send(service, reply, NULL) >= 0);
        return 1;
}

static void start(void) {
        int fds[2];

        assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
        assert(sd_bus_new(&client) >= 0 && sd_bus_set_fd(client, fds[0], fds[0]) >= 0);
        assert(sd_bus_new(&service) >= 0 && sd_bus_set_fd(service, fds[1], fds[1]) >= 0);
        assert(sd_bus_set_server(service, true, (sd_id128_t) { .qwords = { 1, 2 } }) >= 0);
        assert(sd_bus_negotiate_fds(client, true) >= 0 && sd_bus_negotiate_fds(service, true) >= 0);
        assert(sd_bus_add_filter(service, NULL, on_call, NULL) >= 0);
        assert(sd_bus_start(client) >= 0 && sd_bus_start(service) >= 0);
}

/* ---- the client's way to it ---- */

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        sd_bus_message **ret = userdata;

        *ret = sd_bus_message_ref(reply);
        return 0;
}

int call_service(const char *method, CallFill fill, const void *question, bool live, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;

        assert(sd_bus_message_new_method_call(client, &call, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE,
                        method) >= 0);
        assert(fill(call, question) >= 0);
        assert(sd_bus_call_async(client, NULL, call, on_reply, &reply, UINT64_MAX) >= 0);
        while (!reply)
                assert(sd_bus_process(client, NULL) >= 0 && sd_bus_process(service, NULL) >= 0);
        *ret = TAKE_PTR(reply);
        return 0;
}

/* ---- answers ---- */

static void check_answer(const Answer *a, NameVariant variant, int family, const char *folded,
                const uint8_t *address) {
        char name[NAME_SIZE];

        assert(a->n_entries > 0 && (const char *) a->entries == a->buffer);
        for (size_t i = 0; i < a->n_entries; i++) {
                const IndexEntry *e = a->entries + i;

                assert(e->name >= a->n_entries * sizeof(*e) && e->name < sizeof(a->buffer));
                assert(memchr(answer_name(a, e), 0, sizeof(a->buffer) - e->name) &&
                                name_fold(answer_name(a, e), name) > 0);
                assert(e->variant == variant && e->interface[0] == '\0' && e->expiry == 0);
                assert(e->family == AF_INET || e->family == AF_INET6);
                assert(family == AF_UNSPEC || e->family == family);
                if (folded) {
                        assert(strcmp(name, folded) == 0);
                        assert(address_is_guests(e->family, e->address));
                } else {
                        assert(name_is_hostname(name) && !name_is_reserved(name));
                        assert(memcmp(e->address, address, family == AF_INET ? 4 : 16) == 0);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char folded[NAME_SIZE];
        uint8_t what;
        Answer answer;
        int r;

        if (!client)
                start();
        input = (Input) { data, size };
        what = input_byte(&input);

        if (what < 128) {
                const char *name = asked_names[what % ELEMENTS(asked_names)];
                int family = families[what / 8 % ELEMENTS(families)];
                NameVariant variant = what & 64 ? VARIANT_DOMAIN : VARIANT_LEASE;

                r = libvirt_resolve_client1_name(variant, name, family, false, &answer);
                (void) name_fold(name, folded);
                if (r == LOOKUP_FOUND)
                        check_answer(&answer, variant, family, folded, NULL);
        } else {
                const uint8_t *address = asked_addresses[what % ELEMENTS(asked_addresses)].bytes;
                int family = asked_addresses[what % ELEMENTS(asked_addresses)].family;
                NameVariant variant = what & 64 ? VARIANT_DOMAIN : VARIANT_LEASE;

                r = libvirt_resolve_client1_address(variant, family, address, false, &answer);
                if (r == LOOKUP_FOUND)
                        check_answer(&answer, variant, family, NULL, address);
        }
        assert(r < 0 || r == LOOKUP_FOUND || r == LOOKUP_NO_NAME || r == LOOKUP_NO_FAMILY);
        assert(sd_bus_is_open(client) > 0);
        return 0;
}
