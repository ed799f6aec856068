/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve status: the service, and the networks whose leases it reads.
 */

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ddns-status.h"
#include "cli/ellipsis.h"
#include "cli/json.h"
#include "cli/pager.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "util/clock.h"
#include "util/span.h"
#include "util/text.h"

#define LABEL_WIDTH 20

static const Column columns[] = {
        { "NETWORK", .whole = true },
        { "INDEX", .right = true },
        { "LEASES", .right = true },
        { "DOMAINS", .right = true },
        { "SKIPPED", .right = true },
        { "READ", .whole = true },
};

/* ---- asking ---- */

/* Puts the resolve hook's state and its connections into one object. */
static int gather_hook(json_t *properties) {
        const json_t *statistics = json_object_get(properties, "Statistics");
        json_t *state = json_object_get(properties, "ResolveHook"), *hook;

        if (!state)
                return 0;
        hook = json_pack("{s:O, s:O*, s:O*}", "state", state, "connections",
                        json_object_get(statistics, "hook-connections"), "subscribers",
                        json_object_get(statistics, "hook-subscribers"));
        return hook && json_object_set_new(properties, "ResolveHook", hook) == 0 ? 0 : -ENOMEM;
}

/* The networks.  Without the lease directory there are none, and the property "LeasesUnavailable" has the
 * reason. */
static int ask_networks(sd_bus *bus, json_t *properties, json_t **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = client_fetch(bus, &error, ret, "ListNetworks", "");
        if (r >= 0)
                return 0;
        if (!sd_bus_error_has_name(&error, SERVICE_ERROR_LEASES_UNAVAILABLE)) {
                client_report_error(&error);
                return r;
        }
        *ret = json_array();
        if (!*ret)
                return -ENOMEM;
        r = json_object_set_new(properties, "LeasesUnavailable", json_from_text(error.message));
        return r < 0 ? -ENOMEM : 0;
}

/* Adds the status of libvirt-resolve-ddns, if it runs. */
static int gather_ddns(json_t *properties) {
        json_t *ddns = ddns_status_read();

        return !ddns || json_object_set_new(properties, "Ddns", ddns) == 0 ? 0 : -ENOMEM;
}

static int ask(json_t **ret_properties, json_t **ret_networks) {
        _cleanup_(json_decrefp) json_t *properties = NULL, *networks = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = client_open_with_properties(&bus, &properties);
        if (r >= 0)
                r = ask_networks(bus, properties, &networks);
        if (r >= 0)
                r = gather_hook(properties);
        if (r >= 0)
                r = gather_ddns(properties);
        if (r < 0)
                return r;
        (void) json_object_del(properties, "Statistics"); /* has its own verb */
        *ret_properties = TAKE_PTR(properties);
        *ret_networks = TAKE_PTR(networks);
        return 0;
}

/* Keeps only the networks that the user named.  Returns 0, or -ENODEV after reporting a missing one. */
static int choose(const Options *o, json_t **networks) {
        json_t *chosen = json_array(), *network;
        size_t k;
        int r = 0;

        for (int i = 0; i < o->n_arguments; i++) {
                bool found = false;

                json_array_foreach(*networks, k, network)
                        if (strcmp(json_text(network, "interface") ?: "", o->arguments[i]) == 0) {
                                found = json_array_append(chosen, network) == 0;
                        }
                if (found)
                        continue;
                fprintf(stderr, "libvirt-resolve: There is no network '%s' with leases.\n", o->arguments[i]);
                r = -ENODEV;
        }
        json_decref(*networks);
        *networks = chosen;
        return r;
}

/* ---- printing ---- */

/* "LeaseDirectory" as "Lease directory", or, of JSON, "lease-directory". */
static void property_label(const char *name, char blank, char *buffer, size_t size) {
        size_t n = 0;

        for (const char *p = name; *p && n + 2 < size; p++) {
                if (p > name && isupper((unsigned char) *p))
                        buffer[n++] = blank;
                buffer[n++] = p > name || blank == '-' ? (char) tolower((unsigned char) *p) : *p;
        }
        buffer[n] = '\0';
}

static void print_value(FILE *file, const json_t *value) {
        char text[TEXT_NAME_SIZE];
        const json_t *element;
        const char *key, *before = "";
        size_t i;

        if (json_is_string(value))
                fputs(text_escape(json_string_value(value), text, sizeof(text)), file);
        else if (json_is_boolean(value))
                fputs(json_is_true(value) ? "yes" : "no", file);
        else if (json_is_integer(value))
                fprintf(file, "%" PRIi64, (int64_t) json_integer_value(value));
        else if (json_is_array(value) && json_array_size(value) == 0)
                putc('-', file);
        json_object_foreach((json_t *) value, key, element) {
                fprintf(file, json_is_string(element) ? "%s" : "%s%s ", before, key);
                print_value(file, element);
                before = ", ";
        }
        json_array_foreach(value, i, element) {
                fputs(i > 0 ? " " : "", file);
                print_value(file, element);
        }
}

/* The value as text that fits after a label, or complete if the user wants that. */
static char *value_text(const Options *o, const json_t *value) {
        _cleanup_(freep) char *text = NULL;
        unsigned width = style_columns();
        size_t size;
        FILE *file;

        file = open_memstream(&text, &size);
        if (!file)
                return NULL;
        print_value(file, value);
        if (fclose(file) != 0 || !text) /* glibc reports no error if there was no memory at the end */
                return NULL;
        if (!style_is_terminal() || o->full)
                return TAKE_PTR(text);
        return text_ellipsize(text, width > LABEL_WIDTH + 2 ? width - LABEL_WIDTH - 2 : 1);
}

static int print_properties(const Options *o, const json_t *properties) {
        const json_t *value;
        const char *key;

        json_object_foreach((json_t *) properties, key, value) {
                if (strcmp(key, "Ddns") == 0) {
                        ddns_status_print(value, LABEL_WIDTH);
                        continue;
                }
                _cleanup_(freep) char *text = value_text(o, value);
                char label[64];

                if (!text)
                        return -ENOMEM;
                property_label(key, ' ', label, sizeof(label));
                printf("%*s: %s\n", LABEL_WIDTH, label, text);
        }
        return 0;
}

static int add_network(Table *t, const json_t *network) {
        static const char *const keys[] = { "ifindex", "leases", "domains", "skipped" };
        char numbers[ELEMENTS(keys)][24], ago[SPAN_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                (void) snprintf(numbers[i], sizeof(numbers[i]), "%" PRIi64,
                                (int64_t) json_number(network, keys[i]));
        (void) span_format_ago(json_number(network, "read"), (int64_t) clock_usec(CLOCK_REALTIME), ago);
        const char *const cells[] = {
                json_text(network, "interface"),
                json_number(network, "ifindex") > 0 ? numbers[0] : NULL,
                numbers[1],
                numbers[2],
                numbers[3],
                ago,
        };

        return table_add(t, cells,
                        json_text(network, "error")         ? STYLE_RED :
                        json_number(network, "skipped") > 0 ? STYLE_YELLOW :
                                                              STYLE_PLAIN);
}

static void print_errors(const json_t *networks) {
        const json_t *network;
        char text[1024];
        size_t i;

        json_array_foreach(networks, i, network)
                if (json_text(network, "error"))
                        printf("%s%s: %s%s\n", style(stdout, STYLE_RED), json_text(network, "interface"),
                                        text_escape(json_text(network, "error"), text, sizeof(text)),
                                        style(stdout, STYLE_PLAIN));
}

static int print_networks(const Options *o, const json_t *networks) {
        _cleanup_(table_freep) Table *t = NULL;
        const json_t *network;
        size_t i;
        int r;

        if (json_array_size(networks) == 0)
                return 0;
        r = table_new(columns, ELEMENTS(columns), o->legend, o->full, &t);
        if (r < 0)
                return r;
        json_array_foreach(networks, i, network) {
                r = add_network(t, network);
                if (r < 0)
                        return r;
        }
        r = table_print(t);
        print_errors(networks);
        return r;
}

static int print_status(const Options *o, const json_t *properties, const json_t *networks) {
        int r = 0;

        if (o->pager)
                pager_open();
        if (o->n_arguments == 0) {
                r = print_properties(o, properties);
                putchar('\n');
        }
        if (r >= 0)
                r = print_networks(o, networks);
        pager_close();
        return r;
}

/* Prints one object: the properties, and under "networks" the reply of ListNetworks(). */
static int print_document(const Options *o, const json_t *properties, json_t *networks) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        json_t *object = json_object(), *value;
        const char *key;

        document = json_pack("[o]", object);
        if (!document)
                return -ENOMEM;
        json_object_foreach((json_t *) properties, key, value) {
                char label[64];

                property_label(key, '-', label, sizeof(label));
                if (json_object_set(object, label, value) < 0)
                        return -ENOMEM;
        }
        if (json_object_set(object, "networks", networks) < 0)
                return -ENOMEM;
        return json_print(stdout, document, o->json);
}

int verb_status(const Options *o) {
        _cleanup_(json_decrefp) json_t *properties = NULL, *networks = NULL;
        int chosen = 0, r;

        r = ask(&properties, &networks);
        if (r < 0)
                return EXIT_FAILED;
        if (o->n_arguments > 0)
                chosen = choose(o, &networks);
        r = o->json != JSON_OFF ? print_document(o, properties, networks) :
                                  print_status(o, properties, networks);
        return r < 0 || chosen < 0 || json_text(properties, "LeasesUnavailable") ? EXIT_FAILED : EXIT_SUCCESS;
}
