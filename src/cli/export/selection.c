/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The exported leases and names.
 */

#include "cli/export/selection.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "cli/json.h"
#include "cli/lease-filter.h"
#include "names/name.h"
#include "source/json-memory.h"
#include "util/address.h"
#include "util/text.h"

static bool is_wanted(const json_t *lease, const Options *o) {
        return json_text(lease, "address") && lease_is_on(lease, o->interface) &&
               (o->family == AF_UNSPEC || json_number(lease, "family") == o->family);
}

/* Whether a name is below a suffix. */
static bool is_below(const char *name, const char *suffix) {
        size_t n = strlen(name), length = strlen(suffix);

        return n > length + 1 && name[n - length - 1] == '.' && name_equal(name + n - length, suffix);
}

/* The name with the suffix added.  Returns NULL if it isn't exported. */
static const char *complete(const char *name, const char *suffix, char *buffer, size_t size) {
        int n;

        if (!suffix || is_below(name, suffix))
                return name;
        if (strchr(name, '.'))
                return NULL;
        n = snprintf(buffer, size, "%s.%s", name, suffix);
        return n >= 0 && (size_t) n < size ? buffer : NULL;
}

static bool has_name(const json_t *names, const char *name) {
        const json_t *other;
        size_t i;

        json_array_foreach(names, i, other)
                if (name_equal(json_string_value(other), name))
                        return true;
        return false;
}

/* Whether a name is equal to another one, or to it with a suffix. */
static bool is_form_of(const char *name, const char *other) {
        size_t n = other ? strlen(other) : 0;

        return n > 0 && strncasecmp(name, other, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

/* Whether a name of a lease is the domain's, not only the guest's choice. */
static bool is_domains(const json_t *lease, const char *name) {
        return is_form_of(name, json_text(lease, "domain")) ||
               !is_form_of(name, json_text(lease, "hostname"));
}

/* Adds the lease's names that are the domain's, or the others. */
static int add_names(json_t *names, const json_t *lease, bool domains, const ExportFormat *format,
                const char *suffix) {
        const json_t *name;
        size_t i;

        json_array_foreach(json_object_get(lease, "names"), i, name) {
                char buffer[NAME_SIZE];
                const char *text = json_string_value(name);

                if (is_domains(lease, text) != domains)
                        continue;
                text = complete(text, suffix, buffer, sizeof(buffer));
                if (text && format->takes_name(text) && !has_name(names, text) &&
                                json_array_append_new(names, json_string(text)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Domain names come first: the first name identifies the guest, which can't choose a domain name.  Returns an
 * array, which may be empty, or NULL: no memory. */
static json_t *select_names(const json_t *lease, const ExportFormat *format, const char *suffix) {
        _cleanup_(json_decrefp) json_t *names = json_array();

        if (add_names(names, lease, true, format, suffix) < 0 ||
                        add_names(names, lease, false, format, suffix) < 0)
                return NULL;
        return TAKE_PTR(names);
}

static void report_omission(const json_t *lease, const ExportFormat *format, FILE *omissions) {
        const json_t *name = json_array_get(json_object_get(lease, "names"), 0);
        char text[TEXT_NAME_SIZE];

        if (name)
                fprintf(omissions, "%s is left out: '%s' can't be its name in the format %s.\n",
                                json_text(lease, "address"),
                                text_escape(json_string_value(name), text, sizeof(text)), format->name);
}

/* Leases of one libvirt domain belong to one guest, as do those of one MAC address.  The prefixes keep a
 * domain whose name looks like a MAC address apart. */
static json_t *guest_key(const json_t *lease) {
        const char *domain = json_text(lease, "domain");

        if (domain)
                return json_sprintf("domain %s", domain);
        return json_sprintf("mac %s", json_text(lease, "mac-address") ?: json_text(lease, "address"));
}

static int select_lease(json_t *selection, const json_t *lease, json_t *names) {
        _cleanup_(json_decrefp) json_t *selected = NULL;

        selected = json_pack("{s:s, s:O, s:O, s:o*, s:O*, s:O}", "address", json_text(lease, "address"),
                        "family", json_object_get(lease, "family"), "interface",
                        json_object_get(lease, "interface"), "guest", guest_key(lease), "mac-address",
                        json_object_get(lease, "mac-address"), "names", names);
        return !selected || json_array_append(selection, selected) < 0 ? -ENOMEM : 0;
}

static int compare(const void *a, const void *b) {
        const json_t *const *x = a, *const *y = b;
        Address left = { 0 }, right = { 0 };
        int r;

        (void) address_parse(json_text(*x, "address"), &left);
        (void) address_parse(json_text(*y, "address"), &right);
        r = address_compare(&left, &right);
        return r != 0 ? r : strcmp(json_text(*x, "interface"), json_text(*y, "interface"));
}

/* Sorts by address, then interface. */
static int sort(json_t *selection) {
        size_t n = json_array_size(selection), i;
        _cleanup_(freep) json_t **leases = calloc(n + 1, sizeof(*leases));
        json_t *lease;

        if (!leases)
                return -ENOMEM;
        json_array_foreach(selection, i, lease)
                leases[i] = json_incref(lease);
        qsort(leases, n, sizeof(*leases), compare);
        for (i = 0; i < n; i++)
                (void) json_array_set_new(selection, i, leases[i]);
        return 0;
}

int selection_make(const json_t *leases, const ExportFormat *format, const Options *o, FILE *omissions,
                json_t **ret) {
        _cleanup_(json_decrefp) json_t *selection = json_array();
        const JsonMemory process_start = { 0 };
        const json_t *lease;
        size_t i;
        int r;

        if (!selection)
                return -ENOMEM;
        /* A member is missing if there was no memory for it. */
        if (json_memory_failed(process_start))
                return -ENOMEM;
        json_array_foreach(leases, i, lease) {
                _cleanup_(json_decrefp) json_t *names = NULL;

                if (!is_wanted(lease, o))
                        continue;
                names = select_names(lease, format, o->export.suffix);
                if (!names)
                        return -ENOMEM;
                if (json_array_size(names) == 0)
                        report_omission(lease, format, omissions);
                else if ((r = select_lease(selection, lease, names)) < 0)
                        return r;
        }
        r = sort(selection);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(selection);
        return 0;
}

const char *selection_name(const json_t *lease) {
        return json_string_value(json_array_get(json_object_get(lease, "names"), 0));
}
