/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve leases: the leases that the service knows.
 */

#include <inttypes.h>
#include <string.h>

#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/lease-filter.h"
#include "cli/pager.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/timestamp.h"
#include "cli/verbs.h"
#include "util/clock.h"
#include "util/span.h"
#include "util/text.h"

static const Column columns[] = {
        { "NAME", .shrink = true },
        { "DOMAIN", .shrink = true },
        { "ADDRESS", .whole = true },
        { "MAC" },
        { "INTERFACE" },
        { "EXPIRES IN", .right = true },
        { "NOTE" },
};

/* The columns with --full. */
static const Column full_columns[] = {
        { "NAME", .shrink = true },
        { "DOMAIN", .shrink = true },
        { "ADDRESS", .whole = true },
        { "MAC" },
        { "INTERFACE" },
        { "EXPIRES" },
        { "CLIENT-ID" },
        { "NOTE" },
};

static int add_full_lease(Table *t, const json_t *lease, const char *note, Style s) {
        char expires[TIMESTAMP_TEXT_MAX];
        const char *const cells[] = {
                json_text(lease, "hostname"),
                json_text(lease, "domain"),
                json_text(lease, "address"),
                json_text(lease, "mac-address"),
                json_text(lease, "interface"),
                timestamp_format(json_number(lease, "expiry"), expires),
                json_text(lease, "client-id"),
                note,
        };

        return table_add(t, cells, s);
}

static int add_lease(Table *t, const json_t *lease, bool full, int64_t now) {
        bool superseded = json_is_true(json_object_get(lease, "superseded")),
             refused = json_text(lease, "refused");
        Style s = superseded ? STYLE_GREY : refused ? STYLE_YELLOW : STYLE_PLAIN;
        const char *note = superseded ? "superseded" : refused ? "refused" : "";
        char expires[SPAN_TEXT_MAX];
        const char *const cells[] = {
                json_text(lease, "hostname"),
                json_text(lease, "domain"),
                json_text(lease, "address"),
                json_text(lease, "mac-address"),
                json_text(lease, "interface"),
                span_format_expiry(json_number(lease, "expiry"), now, expires),
                note,
        };

        return full ? add_full_lease(t, lease, note, s) : table_add(t, cells, s);
}

static bool any_refused(const json_t *leases) {
        const json_t *lease;
        size_t i;

        json_array_foreach(leases, i, lease)
                if (json_text(lease, "refused"))
                        return true;
        return false;
}

/* Prints below the table why names don't resolve, and how many leases there are. */
static void print_legend(const json_t *leases) {
        const json_t *lease;
        size_t i, n = json_array_size(leases);

        printf("\n");
        json_array_foreach(leases, i, lease) {
                const char *refused = json_text(lease, "refused");
                char text[2 * TEXT_NAME_SIZE];

                if (!refused)
                        continue;
                printf("%sNot answered for %s:%s\n  %s.\n", style(stdout, STYLE_YELLOW),
                                json_text(lease, "address"), style(stdout, STYLE_PLAIN),
                                text_escape(refused, text, sizeof(text)));
        }
        printf("%s%zu %s listed.%s\n", style(stdout, STYLE_GREY), n, n == 1 ? "lease" : "leases",
                        style(stdout, STYLE_PLAIN));
}

static int print_leases(const Options *o, const json_t *leases) {
        size_t i, n_columns = o->full ? ELEMENTS(full_columns) : ELEMENTS(columns);
        _cleanup_(table_freep) Table *t = NULL;
        int64_t now = (int64_t) clock_usec(CLOCK_REALTIME);
        const json_t *lease;
        int r;

        n_columns -= !any_refused(leases); /* no column NOTES */
        r = table_new(o->full ? full_columns : columns, n_columns, o->legend, o->full, &t);
        if (r < 0)
                return r;
        json_array_foreach(leases, i, lease) {
                r = add_lease(t, lease, o->full, now);
                if (r < 0)
                        return r;
        }
        if (o->pager)
                pager_open();
        r = json_array_size(leases) > 0 ? table_print(t) : 0;
        if (o->legend)
                print_legend(leases);
        pager_close();
        return r;
}

/* Whether a lease has one of the names in the arguments.  Sets found[i] for each argument that it has. */
static bool is_wanted(const json_t *lease, const Options *o, bool *found) {
        bool wanted = o->n_arguments == 0;

        if (!lease_is_on(lease, o->interface))
                return false;
        for (int i = 0; i < o->n_arguments; i++)
                if (lease_has_name(lease, o->arguments[i]))
                        wanted = found[i] = true;
        return wanted;
}

/* Reports the arguments that no lease has.  Returns whether there are any. */
static bool report_missing(const Options *o, const bool *found) {
        bool missing = false;
        char text[TEXT_NAME_SIZE];

        for (int i = 0; i < o->n_arguments; i++) {
                if (found[i])
                        continue;
                missing = true;
                fprintf(stderr, "libvirt-resolve: No lease%s%s has the name '%s'.\n",
                                o->interface ? " on " : "", o->interface ?: "",
                                text_escape(o->arguments[i], text, sizeof(text)));
        }
        return missing;
}

/* Selects the leases with the networks and names in the options.  Returns 0 or -ENOMEM. */
static int filter(const Options *o, const json_t *leases, bool *ret_missing, json_t **ret) {
        _cleanup_(freep) bool *found = calloc((size_t) o->n_arguments + 1, sizeof(*found));
        _cleanup_(json_decrefp) json_t *wanted = json_array();
        json_t *lease;
        size_t i;

        if (!found || !wanted)
                return -ENOMEM;
        json_array_foreach(leases, i, lease)
                if (is_wanted(lease, o, found) && json_array_append(wanted, lease) < 0)
                        return -ENOMEM;
        *ret_missing = report_missing(o, found);
        *ret = TAKE_PTR(wanted);
        return 0;
}

int verb_leases(const Options *o) {
        _cleanup_(json_decrefp) json_t *all = NULL, *leases = NULL;
        bool missing;
        int r;

        r = client_fetch_once(&all, "ListLeases", "t", UINT64_C(0));
        if (r >= 0)
                r = filter(o, all, &missing, &leases);
        if (r < 0)
                return EXIT_FAILED;
        r = o->json != JSON_OFF ? json_print(stdout, leases, o->json) : print_leases(o, leases);
        return r < 0 || missing ? EXIT_FAILED : EXIT_SUCCESS;
}
