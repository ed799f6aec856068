/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The status of libvirt-resolve-ddns.
 */

#include "cli/ddns-status.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/remote.h"
#include "cli/style.h"
#include "util/clock.h"
#include "util/span.h"
#include "util/text.h"

/* So many conflicts are named. */
#define CONFLICTS_SHOWN 5U

json_t *ddns_status_read(void) {
        json_t *status =
                        remote_host() ? NULL : json_load_file(DDNS_RUNTIME_DIRECTORY "/status.json", 0, NULL);

        if (status && !json_is_object(status)) {
                json_decref(status);
                return NULL;
        }
        return status;
}

/* "web1.lab.example, web2.lab.example ..." */
static const char *conflict_names(const json_t *status, char *buffer, size_t size) {
        const json_t *names = json_object_get(status, "conflict-names"), *name;
        char text[TEXT_NAME_SIZE];
        size_t i, n = 0;

        buffer[0] = '\0';
        json_array_foreach(names, i, name) {
                if (i >= CONFLICTS_SHOWN || n + 1 >= size)
                        break;
                n += (size_t) snprintf(buffer + n, size - n, "%s%s", i > 0 ? ", " : "",
                                text_escape(json_string_value(name) ?: "", text, sizeof(text)));
        }
        if (json_number(status, "conflicts") > (json_int_t) CONFLICTS_SHOWN && n < size)
                (void) snprintf(buffer + n, size - n, " ...");
        return buffer;
}

static const char *first_zone(const json_t *status) {
        return json_string_value(json_array_get(json_object_get(status, "zones"), 0)) ?: "-";
}

void ddns_status_print(const json_t *status, int label_width) {
        char ago[SPAN_TEXT_MAX], names[1024], text[1024], zone[TEXT_NAME_SIZE];
        int64_t now = (int64_t) clock_usec(CLOCK_REALTIME);

        printf("%*s: zone %s at %s, %" PRIi64 " names, %" PRIi64 " pending, %" PRIi64
               " conflicts, last update: %s\n",
                        label_width, "DNS", text_escape(first_zone(status), zone, sizeof(zone)),
                        text_escape(json_text(status, "server") ?: "-", text, sizeof(text)),
                        (int64_t) json_number(status, "names"), (int64_t) json_number(status, "pending"),
                        (int64_t) json_number(status, "conflicts"),
                        span_format_ago(json_number(status, "last-update"), now, ago));
        if (json_number(status, "conflicts") > 0)
                printf("%*s: %s%s%s\n", label_width, "DNS conflicts", style(stdout, STYLE_YELLOW),
                                conflict_names(status, names, sizeof(names)), style(stdout, STYLE_PLAIN));
        if (json_text(status, "error"))
                printf("%*s: %s%s%s\n", label_width, "DNS error", style(stdout, STYLE_RED),
                                text_escape(json_text(status, "error"), text, sizeof(text)),
                                style(stdout, STYLE_PLAIN));
}

/* Reports nothing if the daemon doesn't run. */
void check_ddns(Doctor *d) {
        _cleanup_(json_decrefp) json_t *status = ddns_status_read();
        char names[1024];

        if (!status)
                return;
        if (json_text(status, "error"))
                doctor_add(d, VERDICT_FAILURE, "See: journalctl -b -u libvirt-resolve-ddns",
                                "The DNS server %s doesn't take updates of %s: %s",
                                json_text(status, "server") ?: "-", first_zone(status),
                                json_text(status, "error"));
        else if (json_number(status, "conflicts") > 0)
                doctor_add(d, VERDICT_WARNING,
                                "Another guest, another host or the zone itself has these names in DNS. "
                                "Rename the domains,\n"
                                "or see WHOSE A RECORD IS in libvirt-resolve-ddns(8).",
                                "%" PRIi64 " names aren't this host's in DNS: %s",
                                (int64_t) json_number(status, "conflicts"),
                                conflict_names(status, names, sizeof(names)));
        else
                doctor_add(d, VERDICT_OK, NULL, "The DNS server %s has %" PRIi64 " names of this host in %s",
                                json_text(status, "server") ?: "-", (int64_t) json_number(status, "names"),
                                first_zone(status));
}
