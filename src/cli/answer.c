/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service's answers about names and addresses.
 */

#include "cli/answer.h"

#include <stdio.h>
#include <string.h>

#include "index/format.h"
#include "names/name.h"
#include "cli/json.h"
#include "cli/network.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "cli/value.h"
#include "util/clock.h"
#include "util/protocol.h"
#include "util/span.h"
#include "util/text.h"
#include "util/utf8.h"

/* The column in which "-- link:" begins. */
#define COMMENT_COLUMN 48

bool answer_is_of_the_name(const sd_bus_error *error) {
        return sd_bus_error_has_name(error, SERVICE_ERROR_NO_SUCH_NAME) ||
               sd_bus_error_has_name(error, SERVICE_ERROR_NO_SUCH_ADDRESS) ||
               sd_bus_error_has_name(error, SERVICE_ERROR_NO_DATA) ||
               sd_bus_error_has_name(error, SERVICE_ERROR_NAME_REFUSED);
}

/* ---- reading ---- */

static json_t *variants_new(json_int_t flags) {
        const char *lease = (uint64_t) flags & SERVICE_FLAG_STATIC ? "static" : "lease";
        _cleanup_(json_decrefp) json_t *variants = json_array();

        if (!variants ||
                        ((flags & VARIANT_LEASE) &&
                                        json_array_append_new(variants, json_string(lease)) < 0) ||
                        ((flags & VARIANT_DOMAIN) &&
                                        json_array_append_new(variants, json_string("domain")) < 0))
                return NULL;
        return TAKE_PTR(variants);
}

/* Reads n values in turn. */
static int read_values(sd_bus_message *m, json_t *array, size_t n) {
        for (size_t i = 0; i < n; i++) {
                json_t *value;
                int r;

                r = value_read(m, &value);
                if (r < 0)
                        return r;
                if (json_array_append_new(array, value) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* pair: an address as the service returns it: ifindex, family, address. */
static json_t *address_object(const char *query, const json_t *pair, const json_t *canonical,
                json_int_t flags) {
        _cleanup_(json_decrefp) json_t *object = json_object();

        if (!object || json_object_set_new(object, "query", json_from_text(query)) < 0 ||
                        network_set(object, (int) json_integer_value(json_array_get(pair, 0))) < 0 ||
                        json_object_set(object, "family", json_array_get(pair, 1)) < 0 ||
                        json_object_set(object, "address", json_array_get(pair, 2)) < 0 ||
                        json_object_set_new(object, "names", json_pack("[O]", canonical)) < 0 ||
                        json_object_set_new(object, "variants", variants_new(flags)) < 0)
                return NULL;
        return TAKE_PTR(object);
}

int answer_read_name(sd_bus_message *reply, const char *name, bool *ret_seen, json_t **ret) {
        _cleanup_(json_decrefp) json_t *values = json_array(), *answer = json_array();
        const json_t *pair;
        size_t i;
        int r;

        if (!values || !answer)
                return -ENOMEM;
        r = read_values(reply, values, 3);
        if (r < 0)
                return r;
        json_array_foreach(json_array_get(values, 0), i, pair) {
                json_t *object = address_object(name, pair, json_array_get(values, 1),
                                json_integer_value(json_array_get(values, 2)));

                if (!object || json_array_append_new(answer, object) < 0)
                        return -ENOMEM;
        }
        *ret_seen = (uint64_t) json_integer_value(json_array_get(values, 2)) & SERVICE_FLAG_SEEN;
        *ret = TAKE_PTR(answer);
        return 0;
}

/* Returns the answer's object for the address's network; creates it if necessary.  NULL: no memory. */
static json_t *network_object(json_t *answer, const char *query, const Address *address, int ifindex,
                json_int_t flags) {
        char text[ADDRESS_TEXT_MAX];
        json_t *object;
        size_t i;

        json_array_foreach(answer, i, object)
                if (json_number(object, "ifindex") == ifindex)
                        return object;
        (void) address_format(address, text);
        object = json_object();
        if (!object || json_array_append_new(answer, object) < 0 ||
                        json_object_set_new(object, "query", json_from_text(query)) < 0 ||
                        network_set(object, ifindex) < 0 ||
                        json_object_set_new(object, "family", json_integer(address->family)) < 0 ||
                        json_object_set_new(object, "address", json_string(text)) < 0 ||
                        json_object_set_new(object, "names", json_array()) < 0 ||
                        json_object_set_new(object, "variants", variants_new(flags)) < 0)
                return NULL;
        return object;
}

int answer_read_address(sd_bus_message *reply, const char *text, const Address *address, bool *ret_seen,
                json_t **ret) {
        _cleanup_(json_decrefp) json_t *values = json_array(), *answer = json_array();
        const json_t *pair;
        size_t i;
        int r;

        if (!values || !answer)
                return -ENOMEM;
        r = read_values(reply, values, 2);
        if (r < 0)
                return r;
        json_array_foreach(json_array_get(values, 0), i, pair) {
                json_t *object = network_object(answer, text, address,
                                (int) json_integer_value(json_array_get(pair, 0)),
                                json_integer_value(json_array_get(values, 1)));
                json_t *names = json_object_get(object, "names");

                if (!names || json_array_append(names, json_array_get(pair, 1)) < 0)
                        return -ENOMEM;
        }
        *ret_seen = (uint64_t) json_integer_value(json_array_get(values, 1)) & SERVICE_FLAG_SEEN;
        *ret = TAKE_PTR(answer);
        return 0;
}

int answer_append_error(json_t *array, const char *what, const sd_bus_error *error) {
        _cleanup_(json_decrefp) json_t *object = json_object();
        const char *message = error->message ?: error->name;

        if (!object || json_object_set_new(object, "query", json_from_text(what)) < 0 ||
                        json_object_set_new(object, "error", json_from_text(message)) < 0 ||
                        json_object_set_new(object, "error-name", json_from_text(error->name)) < 0 ||
                        json_array_append(array, object) < 0)
                return -ENOMEM;
        return 0;
}

/* ---- printing ---- */

/* The number of columns of UTF-8 text: one for each character. */
static int text_columns(const char *text) {
        int n = 0;

        for (; *text; text++)
                n += (*text & 0xc0) != 0x80;
        return n;
}

/* For an address that was seen: the tap, and the time since the last proof.  Returns buffer. */
static const char *format_proof(const json_t *object, char *buffer, size_t size) {
        int64_t confirmed = json_number(object, "confirmed"), now = (int64_t) clock_usec(CLOCK_REALTIME);
        const char *tap = json_text(object, "tap");
        char span[SPAN_TEXT_MAX];

        buffer[0] = '\0';
        if (confirmed > 0)
                (void) snprintf(buffer, size, "%s%s%s, confirmed %s", tap ? " (" : "", tap ?: "",
                                tap ? ")" : "", span_format_ago(confirmed, now, span));
        return buffer;
}

/* "LABEL: VALUE       -- link: INTERFACE".  Lines after the first have no label. */
static void print_line(const char *label, bool first, const char *value, const json_t *object, bool legend) {
        const char *interface = legend ? json_text(object, "interface") : NULL;
        char label_text[TEXT_NAME_SIZE], text[TEXT_NAME_SIZE], proof[SPAN_TEXT_MAX + 64];
        int n;

        text_escape(label, label_text, sizeof(label_text));
        text_escape(value, text, sizeof(text));
        n = text_columns(label_text) + 2;
        if (first)
                printf("%s: %s", label_text, text);
        else
                printf("%*s%s", n, "", text);
        n += text_columns(text);
        if (interface)
                printf("%*s%s-- link: %s%s%s%s", MAX2(COMMENT_COLUMN - n, 1), "", style(stdout, STYLE_GREY),
                                interface, json_number(object, "ifindex") > 0 ? "" : " (down)",
                                format_proof(object, proof, sizeof(proof)), style(stdout, STYLE_PLAIN));
        putchar('\n');
}

static bool any_seen(const json_t *answer) {
        const json_t *object;
        size_t i;

        json_array_foreach(answer, i, object)
                if (strcmp(json_text(object, "source") ?: "", "seen") == 0)
                        return true;
        return false;
}

static void print_variants(const json_t *answer) {
        const json_t *variants = json_object_get(json_array_get(answer, 0), "variants"), *v;
        size_t i;

        printf("%s-- Found as:", style(stdout, STYLE_GREY));
        json_array_foreach(variants, i, v)
                printf("%s %s", i > 0 ? " and" : "",
                                strcmp(json_string_value(v), "lease") == 0  ? "hostname of a lease" :
                                strcmp(json_string_value(v), "static") == 0 ? "static name of a network" :
                                                                              "libvirt domain");
        printf("%s%s\n", any_seen(answer) ? ", by an address that was seen" : "", style(stdout, STYLE_PLAIN));
}

void answer_print_addresses(const char *name, const json_t *answer, bool legend) {
        const char *canonical = NULL;
        const json_t *object;
        size_t i;

        json_array_foreach(answer, i, object) {
                print_line(name, i == 0, json_text(object, "address"), object, legend);
                canonical = json_string_value(json_array_get(json_object_get(object, "names"), 0));
        }
        if (canonical && strcmp(canonical, name) != 0) {
                char label[TEXT_NAME_SIZE], text[TEXT_NAME_SIZE];

                printf("%*s(%s)\n", text_columns(text_escape(name, label, sizeof(label))) + 2, "",
                                text_escape(canonical, text, sizeof(text)));
        }
        if (legend && json_array_size(answer) > 0)
                print_variants(answer);
}

void answer_print_names(const char *text, const json_t *answer, bool legend) {
        const json_t *object, *name;
        bool first = true;
        size_t i, k;

        json_array_foreach(answer, i, object)
                json_array_foreach(json_object_get(object, "names"), k, name) {
                        print_line(text, first, json_string_value(name), object, legend);
                        first = false;
                }
        if (legend && json_array_size(answer) > 0)
                print_variants(answer);
}

void answer_print_leases(const char *text, const json_t *leases, bool legend) {
        const char *domain = NULL;
        const json_t *lease, *name;
        size_t i, k;

        json_array_foreach(leases, i, lease) {
                char label[TEXT_NAME_SIZE], escaped[TEXT_NAME_SIZE];

                print_line(text, i == 0, json_text(lease, "address"), lease, legend);
                json_array_foreach(json_object_get(lease, "names"), k, name)
                        printf("%*s(%s)\n", text_columns(text_escape(text, label, sizeof(label))) + 2, "",
                                        text_escape(json_string_value(name), escaped, sizeof(escaped)));
                domain = domain ?: json_text(lease, "domain");
        }
        if (legend && domain) {
                char escaped[TEXT_NAME_SIZE];

                printf("%s-- Libvirt domain: %s%s\n", style(stdout, STYLE_GREY),
                                text_escape(domain, escaped, sizeof(escaped)), style(stdout, STYLE_PLAIN));
        }
}

void answer_print_error(const char *what, const sd_bus_error *error) {
        char label[TEXT_NAME_SIZE], text[1024];

        (void) fflush(stdout); /* keep the order of the questions if both go to one file */
        fprintf(stderr, "%s: %s.\n", text_escape(what, label, sizeof(label)),
                        text_escape(error->message ?: error->name, text, sizeof(text)));
}

void answer_print_hint(void) {
        fprintf(stderr,
                        "%s-- A guest without a DHCP lease from libvirt, on the host's own bridge or with a\n"
                        "-- static address, has a name here only while its addresses are watched for:\n"
                        "--     libvirt-resolve bridged status\n"
                        "-- To see a guest's address, if its agent runs:\n"
                        "--     virsh domifaddr --source agent GUEST\n"
                        "-- and to reach it over VSOCK, with libvirt 10.3 or newer:\n"
                        "--     ssh USER@qemu/GUEST%s\n",
                        style(stderr, STYLE_GREY), style(stderr, STYLE_PLAIN));
}

bool answer_needs_hint(const char *name, const sd_bus_error *error) {
        static const char expired[] = "The lease of ";
        char folded[NAME_SIZE];

        return sd_bus_error_has_name(error, SERVICE_ERROR_NO_SUCH_NAME) &&
               strncmp(error->message ?: "", expired, strlen(expired)) != 0 && utf8_is_string(name) &&
               name_fold(name, folded) > 0;
}
