/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve statistics, reset-statistics: what the service has counted.
 */

#include <inttypes.h>
#include <stdio.h>

#include "cli/service-client.h"
#include "cli/json.h"
#include "cli/pager.h"
#include "cli/table.h"
#include "cli/verbs.h"

static const Column columns[] = {
        { "COUNTER" },
        { "VALUE", .right = true },
};

static int print_statistics(const Options *o, const json_t *statistics) {
        _cleanup_(table_freep) Table *t = NULL;
        const json_t *value;
        const char *key;
        int r;

        r = table_new(columns, ELEMENTS(columns), o->legend, &t);
        if (r < 0)
                return r;
        json_object_foreach((json_t *) statistics, key, value) {
                char number[24];
                const char *const cells[] = { key, number };

                (void) snprintf(number, sizeof(number), "%" PRIi64, (int64_t) json_integer_value(value));
                r = table_add(t, cells, STYLE_PLAIN);
                if (r < 0)
                        return r;
        }
        if (o->pager)
                pager_open();
        r = table_print(t);
        pager_close();
        return r;
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
                fprintf(stderr, "libvirt-resolve: The running service keeps no statistics; it is older than this "
                                "program.\n");
                return EXIT_FAILED;
        }
        r = o->json != JSON_OFF ? print_document(o, statistics) : print_statistics(o, statistics);
        return r < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}

int verb_reset_statistics(const Options *o) {
        return client_call_once("ResetStatistics") < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
