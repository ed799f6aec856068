/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve guests: the running domains, their network cards, and their addresses.
 */

#include "cli/guests.h"

#include <stdio.h>
#include <string.h>

#include "cli/pager.h"
#include "cli/remote.h"
#include "cli/service-client.h"
#include "cli/session-guests.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "util/clock.h"
#include "util/span.h"
#include "util/text.h"

#define SSH_PORT 22

static const Column columns[] = {
        { "DOMAIN", .shrink = true },
        { "ADDRESS", .whole = true },
        { "SOURCE" },
        { "SEEN" },
        { "MAC" },
        { "INTERFACE" },
        { "NOTE" },
};

/* ---- the table ---- */

/* The time since the last proof of an address: "3min 10s ago"; NULL if it wasn't seen. */
static const char *format_seen(const json_t *address, int64_t now, char buffer[static SPAN_TEXT_MAX]) {
        int64_t confirmed = json_number(address, "confirmed");

        if (strcmp(json_text(address, "source") ?: "", "seen") != 0)
                return NULL;
        return confirmed == 0 ? "unconfirmed" : span_format_ago(confirmed, now, buffer);
}

static int add_address(Table *t, const json_t *guest, const json_t *address, int64_t now) {
        bool answered = json_is_true(json_object_get(address, "answered"));
        bool superseded = json_is_true(json_object_get(address, "superseded"));
        bool contested = json_is_true(json_object_get(address, "contested"));
        char seen[SPAN_TEXT_MAX];
        const char *const cells[] = {
                json_text(guest, "domain"),
                json_text(address, "address"),
                json_text(address, "source"),
                format_seen(address, now, seen),
                json_text(guest, "mac-address"),
                json_text(guest, "interface"),
                superseded ? "superseded" :
                !answered  ? "refused" :
                contested  ? "contested" :
                             "",
        };

        return table_add(t, cells,
                        superseded             ? STYLE_GREY :
                        answered && !contested ? STYLE_PLAIN :
                                                 STYLE_YELLOW);
}

static int add_guest(Table *t, const json_t *guest, int64_t now) {
        const json_t *addresses = json_object_get(guest, "addresses"), *address;
        const char *const cells[] = {
                json_text(guest, "domain"),
                NULL,
                NULL,
                NULL,
                json_text(guest, "mac-address"),
                json_text(guest, "interface"),
                "no address",
        };
        size_t i;
        int r = 0;

        if (json_array_size(addresses) == 0)
                return table_add(t, cells, STYLE_GREY);
        json_array_foreach(addresses, i, address) {
                r = add_address(t, guest, address, now);
                if (r < 0)
                        break;
        }
        return r;
}

/* ---- below it ---- */

const char *guest_label(const json_t *guest, char *buffer, size_t size) {
        const char *mac = json_text(guest, "mac-address"), *interface = json_text(guest, "interface");
        char domain[TEXT_NAME_SIZE];

        text_escape(json_text(guest, "domain") ?: "?", domain, sizeof(domain));
        if (mac && interface)
                (void) snprintf(buffer, size, "%s (%s on %s)", domain, mac, interface);
        else if (mac)
                (void) snprintf(buffer, size, "%s (%s)", domain, mac);
        else
                (void) snprintf(buffer, size, "%s", domain);
        return buffer;
}

static void print_refused(const json_t *guest) {
        const json_t *address;
        size_t i;

        json_array_foreach(json_object_get(guest, "addresses"), i, address) {
                const char *refused = json_text(address, "refused");
                char text[2 * TEXT_NAME_SIZE], label[GUEST_LABEL_SIZE];

                if (refused && !json_is_true(json_object_get(address, "answered")))
                        printf("%sNot answered: %s of %s:%s\n  %s.\n", style(stdout, STYLE_YELLOW),
                                        json_text(address, "address"),
                                        guest_label(guest, label, sizeof(label)), style(stdout, STYLE_PLAIN),
                                        text_escape(refused, text, sizeof(text)));
        }
}

const char *guest_advice(const json_t *guest) {
        const char *type = json_text(guest, "type") ?: "", *reason = json_text(guest, "reason") ?: "";

        if (strstr(reason, "libvirt-resolve-seen"))
                return "What watches it: libvirt-resolve bridged enable";
        if (json_text(guest, "interface"))
                return strstr(reason, "address on its bridge") ?
                                       "It has a name once the host has an address on that bridge: ip "
                                       "address add ADDRESS/PREFIX dev BRIDGE" :
                                       NULL;
        if (strcmp(type, "user") == 0)
                return "What reaches it: a <portForward> in its network card's XML, with <backend "
                       "type='passt'/>, where libvirt has that; or another network card, on a bridge: virsh "
                       "attach-interface DOMAIN network default";
        return json_text(guest, "mac-address") ?
                               "It has a name with another network card, on a bridge: virsh "
                               "attach-interface DOMAIN network default" :
                               NULL;
}

static void print_reason(const json_t *guest) {
        const char *reason = json_text(guest, "reason"), *advice = guest_advice(guest);
        char text[2 * TEXT_NAME_SIZE], label[GUEST_LABEL_SIZE], command[2 * TEXT_NAME_SIZE + 32];

        if (!reason || json_array_size(json_object_get(guest, "addresses")) > 0)
                return;
        printf("%sNo address: %s:%s\n  %s.\n", style(stdout, STYLE_YELLOW),
                        guest_label(guest, label, sizeof(label)), style(stdout, STYLE_PLAIN),
                        text_escape(reason, text, sizeof(text)));
        if (advice && !guest_ssh_command(guest, command, sizeof(command)))
                printf("  %s\n", advice);
}

bool guest_ssh_command(const json_t *guest, char *buffer, size_t size) {
        const json_t *port;
        size_t i;

        json_array_foreach(json_object_get(guest, "ports"), i, port) {
                const char *address = json_text(port, "address") ?: "localhost";
                char text[TEXT_NAME_SIZE], jump[TEXT_NAME_SIZE];

                if (strcmp(json_text(port, "protocol") ?: "", "tcp") != 0 ||
                                json_number(port, "guest") != SSH_PORT)
                        continue;
                text_escape(remote_host() ?: "", jump, sizeof(jump));
                (void) snprintf(buffer, size, "ssh%s%s -p %d %s", remote_host() ? " -J " : "", jump,
                                (int) json_number(port, "host"), text_escape(address, text, sizeof(text)));
                return true;
        }
        return false;
}

static void print_forward(const json_t *guest) {
        char command[2 * TEXT_NAME_SIZE + 32], label[GUEST_LABEL_SIZE], host[TEXT_NAME_SIZE];

        if (guest_ssh_command(guest, command, sizeof(command)))
                printf("%sA port of %s leads to %s:%s\n  %s\n", style(stdout, STYLE_YELLOW),
                                text_escape(remote_host() ?: "this host", host, sizeof(host)),
                                guest_label(guest, label, sizeof(label)), style(stdout, STYLE_PLAIN),
                                command);
}

/* Says which guests nobody states. */
static void print_unstated(const json_t *properties) {
        const json_t *facts = json_object_get(properties, "Facts");
        size_t n_session = session_count_guests();

        if (facts && !json_object_get(facts, "network-cards"))
                printf("%sNot listed: guests that are on no network of libvirt's, because "
                       "libvirt-resolve-domains doesn't run. For details: libvirt-resolve bridged status%s\n",
                                style(stdout, STYLE_GREY), style(stdout, STYLE_PLAIN));
        if (n_session > 0)
                printf("%sNot listed: %zu of your own session (qemu:///session), which the host's services "
                       "can't ask.%s\n",
                                style(stdout, STYLE_GREY), n_session, style(stdout, STYLE_PLAIN));
}

/* Prints below the table why guests have no address, other ways to reach them, and how many guests there are.
 */
static void print_legend(const json_t *guests, const json_t *properties) {
        size_t i, n = 0;
        const char *before = NULL;
        const json_t *guest;

        printf("\n");
        json_array_foreach(guests, i, guest) {
                const char *domain = json_text(guest, "domain") ?: "?";

                n += !before || strcmp(before, domain) != 0;
                before = domain;
                print_refused(guest);
                print_reason(guest);
                print_forward(guest);
        }
        print_unstated(properties);
        printf("%s%zu %s listed.%s\n", style(stdout, STYLE_GREY), n, n == 1 ? "domain" : "domains",
                        style(stdout, STYLE_PLAIN));
}

static int print_guests(const Options *o, const json_t *guests, const json_t *properties) {
        _cleanup_(table_freep) Table *t = NULL;
        int64_t now = (int64_t) clock_usec(CLOCK_REALTIME);
        const json_t *guest;
        size_t i;
        int r;

        r = table_new(columns, ELEMENTS(columns), o->legend, o->full, &t);
        if (r < 0)
                return r;
        json_array_foreach(guests, i, guest) {
                r = add_guest(t, guest, now);
                if (r < 0)
                        return r;
        }
        if (o->pager)
                pager_open();
        r = json_array_size(guests) > 0 ? table_print(t) : 0;
        if (o->legend)
                print_legend(guests, properties);
        pager_close();
        return r;
}

static int ask(json_t **ret_guests, json_t **ret_properties) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open_with_properties(&bus, ret_properties);
        if (r < 0)
                return r;
        r = client_fetch(bus, &error, ret_guests, "ListGuests", "");
        if (r < 0)
                client_report_error(&error);
        return r;
}

int verb_guests(const Options *o) {
        _cleanup_(json_decrefp) json_t *guests = NULL, *properties = NULL;
        int r;

        r = ask(&guests, &properties);
        if (r < 0)
                return EXIT_FAILED;
        r = o->json != JSON_OFF ? json_print(stdout, guests, o->json) : print_guests(o, guests, properties);
        return r < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
