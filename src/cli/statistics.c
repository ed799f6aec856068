/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve statistics, reset-statistics: the service's counters.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/pager.h"
#include "cli/style.h"
#include "cli/verbs.h"
#include "util/text.h"

/* The counters in display order, sorted by group.  Each label is clear without its heading. */
static const struct {
        const char *group, *key, *label;
} counters[] = {
        { "Lookups", "lookups-found", "Names and addresses found" },
        { "Lookups", "lookups-no-such-name", "No such name or address" },
        { "Lookups", "lookups-no-data", "No address of the family" },
        { "Lookups", "lookups-refused", "Names refused" },
        { "Lookups", "lookups-unavailable", "Leases unavailable" },
        { "Waits", "waits", "Current waits" },
        { "Waits", "waits-answered", "Waits answered" },
        { "Waits", "waits-timed-out", "Waits timed out" },
        { "Waits", "waits-abandoned", "Waits abandoned" },
#if HAVE_HOOK
        { "Resolve hook", "hook-connections", "Current connections" },
        { "Resolve hook", "hook-subscribers", "Current subscribers" },
        { "Resolve hook", "hook-lookups-found", "Guests found" },
        { "Resolve hook", "hook-lookups-passed-on", "Passed on to DNS" },
#endif
        { "Leases", "leases", "Current leases" },
        { "Leases", "readings", "Lease directory read" },
        { "Leases", "documents-parsed", "Lease files parsed" },
        { "Leases", "publications", "Index published" },
        { "Limits", "addresses-dropped", "Addresses dropped now" },
        { "Limits", "calls-limited", "Calls refused" },
};

#define LABEL_WIDTH 26

/* The key's index in the table, or the table's size. */
static size_t find_counter(const char *key) {
        size_t i = 0;

        while (i < ELEMENTS(counters) && strcmp(counters[i].key, key) != 0)
                i++;
        return i;
}

/* The columns of the largest number. */
static int numbers_width(const json_t *statistics) {
        const json_t *value;
        const char *key;
        int width = 1;

        json_object_foreach((json_t *) statistics, key, value) {
                int n = snprintf(NULL, 0, "%" PRIi64, (int64_t) json_integer_value(value));

                width = MAX2(width, n);
        }
        return width;
}

/* Prints the heading of a group, unless the previous counter has the same. */
static void print_heading(const char *group, const char **last) {
        if (*last && strcmp(group, *last) == 0)
                return;
        printf("%s%s%s%s\n", *last ? "\n" : "", style(stdout, STYLE_BOLD), group, style(stdout, STYLE_PLAIN));
        *last = group;
}

static void print_counter(const char *label, const json_t *value, int width) {
        char text[TEXT_NAME_SIZE];

        printf("%*s: %*" PRIi64 "\n", LABEL_WIDTH, text_escape(label, text, sizeof(text)), width,
                        (int64_t) json_integer_value(value));
}

static void print_statistics(const Options *o, const json_t *statistics) {
        int width = numbers_width(statistics);
        const char *key, *group = NULL;
        const json_t *value;

        for (size_t i = 0; i < ELEMENTS(counters); i++) {
                value = json_object_get(statistics, counters[i].key);
                if (!value)
                        continue; /* the service is older, or built without the hook */
                if (o->legend)
                        print_heading(counters[i].group, &group);
                print_counter(counters[i].label, value, width);
        }
        json_object_foreach((json_t *) statistics, key, value) {
                if (find_counter(key) < ELEMENTS(counters))
                        continue;
                if (o->legend) /* the service is newer */
                        print_heading("Others", &group);
                print_counter(key, value, width);
        }
}

static void page_statistics(const Options *o, const json_t *statistics) {
        if (o->pager)
                pager_open();
        print_statistics(o, statistics);
        pager_close();
}

static int print_document(const Options *o, json_t *statistics) {
        _cleanup_(json_decrefp) json_t *document = json_pack("[O]", statistics);

        return document ? json_print(stdout, document, o->json) : -ENOMEM;
}

int verb_statistics(const Options *o) {
        _cleanup_(json_decrefp) json_t *properties = NULL;
        json_t *statistics;
        int r;

        r = client_get_own_properties(&properties);
        if (r < 0)
                return EXIT_FAILED;
        statistics = json_object_get(properties, "Statistics");
        if (!statistics) {
                fprintf(stderr, "libvirt-resolve: The running service keeps no statistics; it is older than "
                                "this "
                                "program.\n");
                return EXIT_FAILED;
        }
        if (o->json != JSON_OFF)
                return print_document(o, statistics) < 0 ? EXIT_FAILED : EXIT_SUCCESS;
        page_statistics(o, statistics);
        return EXIT_SUCCESS;
}

int verb_reset_statistics(const Options *o) {
        return client_call_once("ResetStatistics") < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
