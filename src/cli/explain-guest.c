/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why a running domain has no address, and which other guests claim one.
 */

#include "cli/explain-guest.h"

#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/guests.h"
#include "cli/json.h"
#include "cli/session-guests.h"
#include "names/name.h"
#include "util/text.h"

#define LINE_SIZE (4 * TEXT_NAME_SIZE)

/* " on br0 (vnet4)"; "" if it is on no bridge. */
static const char *format_link(const json_t *guest, const char *tap, char *buffer, size_t size) {
        const char *interface = json_text(guest, "interface");

        buffer[0] = '\0';
        if (interface)
                (void) snprintf(buffer, size, " on %s%s%s%s", interface, tap ? " (" : "", tap ?: "",
                                tap ? ")" : "");
        return buffer;
}

/* "ADDRESS, claimed with its MAC address on br0 (vnet4), isn't answered: REASON."  The tap is that of the
 * claim: another guest may have made it. */
static void print_claims(const json_t *guest) {
        char line[LINE_SIZE], where[TEXT_NAME_SIZE], text[2 * TEXT_NAME_SIZE], name[TEXT_NAME_SIZE];
        const json_t *address;
        size_t i;

        json_array_foreach(json_object_get(guest, "addresses"), i, address) {
                const char *refused = json_text(address, "refused"), *rival = json_text(address, "rival");

                if (!refused || json_is_true(json_object_get(address, "answered")))
                        continue;
                (void) snprintf(line, sizeof(line),
                                "%s, claimed with its MAC address%s, isn't answered: %s%s%s%s.",
                                json_text(address, "address") ?: "?",
                                format_link(guest, json_text(address, "tap"), where, sizeof(where)),
                                text_escape(refused, text, sizeof(text)), rival ? " ('" : "",
                                rival ? text_escape(rival, name, sizeof(name)) : "", rival ? "')" : "");
                explain_print(line);
        }
}

/* Explains one network card.  Returns whether that is why the name has no address. */
static bool print_guest(const json_t *guest) {
        const char *mac = json_text(guest, "mac-address"), *reason = json_text(guest, "reason");
        char line[LINE_SIZE], where[TEXT_NAME_SIZE], text[2 * TEXT_NAME_SIZE], command[TEXT_NAME_SIZE + 32];
        bool forwarded = guest_ssh_command(guest, command, sizeof(command));

        print_claims(guest);
        if (reason && json_array_size(json_object_get(guest, "addresses")) == 0) {
                (void) snprintf(line, sizeof(line), "It runs%s%s%s: %s.", mac ? ", with " : "", mac ?: "",
                                format_link(guest, json_text(guest, "tap"), where, sizeof(where)),
                                text_escape(reason, text, sizeof(text)));
                explain_print(line);
                if (!forwarded && guest_advice(guest))
                        explain_print(guest_advice(guest));
        }
        if (forwarded) {
                (void) snprintf(line, sizeof(line), "A port of this host leads to it: %s", command);
                explain_print(line);
        }
        /* If nothing watches for its address, the hint is still needed. */
        return forwarded || (reason && !strstr(reason, "libvirt-resolve-seen"));
}

bool explain_domain(Listing *l, const char *name) {
        const json_t *guest;
        bool explained = false;
        char folded[NAME_SIZE];
        size_t i;

        if (name_fold(name, folded) == 0)
                return false;
        json_array_foreach(listing_guests(l), i, guest) {
                const char *domain = json_text(guest, "domain");

                if (domain && name_equal(domain, folded))
                        explained = print_guest(guest) || explained;
        }
        return explained;
}

bool explain_session(const char *name) {
        char line[LINE_SIZE], text[TEXT_NAME_SIZE];

        if (!session_has_guest(name))
                return false;
        (void) snprintf(line, sizeof(line),
                        "'%s' runs in your own session (qemu:///session), which the host's services can't "
                        "ask.",
                        text_escape(name, text, sizeof(text)));
        explain_print(line);
        explain_print("A guest of qemu:///system has a name; on a network of the system's libvirt, this one "
                      "has its hostname.");
        return true;
}

/* Reports the rivals for one address of a domain. */
static void print_rivals(Listing *l, const char *address) {
        const json_t *guest, *claim;
        size_t i, k;

        json_array_foreach(listing_guests(l), i, guest)
                json_array_foreach(json_object_get(guest, "addresses"), k, claim) {
                        char line[LINE_SIZE], label[GUEST_LABEL_SIZE], text[2 * TEXT_NAME_SIZE];

                        if (strcmp(json_text(claim, "address") ?: "", address) != 0 ||
                                        !json_text(claim, "refused") ||
                                        json_is_true(json_object_get(claim, "answered")))
                                continue;
                        (void) snprintf(line, sizeof(line), "%s claims %s, too, which is refused: %s.",
                                        guest_label(guest, label, sizeof(label)), address,
                                        text_escape(json_text(claim, "refused"), text, sizeof(text)));
                        explain_print(line);
                }
}

void explain_rivals(Listing *l, const json_t *answer) {
        const json_t *object;
        size_t i;

        json_array_foreach(answer, i, object)
                if (strcmp(json_text(object, "source") ?: "", "seen") == 0)
                        print_rivals(l, json_text(object, "address") ?: "");
}
