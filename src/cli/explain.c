/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Possible reasons why a name or an address isn't found.
 */

#include "cli/explain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/answer.h"
#include "cli/explain-guest.h"
#include "cli/json.h"
#include "cli/service-client.h"
#include "cli/style.h"
#include "index/format.h"
#include "util/text.h"

#define SUGGESTIONS_MAX 3U

/* Bytes of a line, without the leading "-- ". */
#define LINE_COLUMNS 77U

/* Shorter names resemble too many others. */
#define SUGGESTION_LENGTH_MIN 3U

/* ---- similar names ---- */

/* Whether a and b differ in one character, which is changed, added or missing. */
static bool differs_in_one(const char *a, const char *b) {
        size_t n = strlen(a), k = strlen(b), same = 0;

        if (n < k)
                return differs_in_one(b, a);
        while (same < k && strncasecmp(a + same, b + same, 1) == 0)
                same++;
        if (n == k)
                return same < n && strcasecmp(a + same + 1, b + same + 1) == 0;
        return n == k + 1 && strcasecmp(a + same + 1, b + same) == 0;
}

/* Whether name begins or ends with part, next to a separator. */
static bool is_part(const char *name, const char *part) {
        static const char separators[] = "-_.";
        size_t n = strlen(name), k = strlen(part);

        if (n < k + 2)
                return false;
        return (strcasecmp(name + n - k, part) == 0 && strchr(separators, name[n - k - 1])) ||
               (strncasecmp(name, part, k) == 0 && strchr(separators, name[k]));
}

static bool is_similar(const char *name, const char *wanted) {
        return strlen(wanted) >= SUGGESTION_LENGTH_MIN &&
               (is_part(name, wanted) || is_part(wanted, name) || differs_in_one(name, wanted));
}

typedef struct Suggestions {
        size_t n;
        const char *names[SUGGESTIONS_MAX];
} Suggestions;

static void suggest(Suggestions *s, const char *name, const char *wanted) {
        if (!name || !is_similar(name, wanted) || s->n >= SUGGESTIONS_MAX)
                return;
        for (size_t i = 0; i < s->n; i++)
                if (strcmp(s->names[i], name) == 0)
                        return;
        s->names[s->n++] = name;
}

/* How much of the text goes into one line: up to the last blank that fits, if there is one. */
static size_t line_length(const char *text) {
        size_t n = strlen(text), end;

        if (n <= LINE_COLUMNS)
                return n;
        for (end = LINE_COLUMNS; end > 0 && text[end] != ' '; end--)
                ;
        return end > 0 ? end : strcspn(text, " ");
}

void explain_print(const char *text) {
        while (*text) {
                size_t n = line_length(text);

                fprintf(stderr, "%s-- %.*s%s\n", style(stderr, STYLE_GREY), (int) n, text,
                                style(stderr, STYLE_PLAIN));
                text += n;
                text += strspn(text, " ");
        }
}

/* If one of the names is the first label of the wanted one: says which option makes that resolve. */
static void print_missing_suffix(const Suggestions *s, const char *wanted) {
        char line[TEXT_NAME_SIZE + 100], text[TEXT_NAME_SIZE];
        size_t label = strcspn(wanted, ".");

        for (size_t i = 0; i < s->n; i++)
                if (wanted[label] != '\0' && strlen(s->names[i]) == label &&
                                strncasecmp(s->names[i], wanted, label) == 0) {
                        (void) snprintf(line, sizeof(line),
                                        "Names below '%s' take libvirt-resolved's option --domain=%s.",
                                        text_escape(wanted + label + 1, text, sizeof(text)), text);
                        explain_print(line);
                        return;
                }
}

/* Prints names that resolve and resemble the unknown one.  Returns whether there are any. */
static bool print_suggestions(Listing *l, const char *wanted) {
        char line[SUGGESTIONS_MAX * (TEXT_NAME_SIZE + 8) + 32] = "Did you mean ", name[TEXT_NAME_SIZE];
        Suggestions s = { 0 };
        const json_t *lease, *n;
        size_t i, k;

        json_array_foreach(listing_leases(l), i, lease)
                json_array_foreach(json_object_get(lease, "names"), k, n)
                        suggest(&s, json_string_value(n), wanted);
        for (i = 0; i < s.n; i++) {
                strcat(line, i == 0 ? "" : i + 1 < s.n ? ", " : " or ");
                strcat(line, text_escape(s.names[i], name, sizeof(name)));
        }
        if (s.n > 0)
                explain_print(strcat(line, "?"));
        print_missing_suffix(&s, wanted);
        return s.n > 0;
}

/* ---- options ---- */

/* Reports whether the name would be found without --lease or --domain-name.  Returns whether it would. */
static bool print_other_variant(Explanation *e, const char *name) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char line[TEXT_NAME_SIZE + 100], text[TEXT_NAME_SIZE];
        bool domain_hidden = e->options->variants == VARIANT_LEASE;

        if (e->options->variants == 0 ||
                        client_call(e->listing->bus, &error, &reply, "ResolveHostname", "isit", e->ifindex,
                                        name, e->options->family, UINT64_C(0)) < 0)
                return false;
        (void) snprintf(line, sizeof(line), "'%s' is %s, which %s leaves out.",
                        text_escape(name, text, sizeof(text)),
                        domain_hidden ? "the name of a libvirt domain" : "the hostname of a guest",
                        domain_hidden ? "--lease" : "--domain-name");
        explain_print(line);
        return true;
}

/* ---- files ---- */

/* Reports files that the service couldn't read: the guest may be in one of them. */
static bool print_unread_files(Listing *l) {
        const json_t *network;
        bool any = false;
        size_t i;

        json_array_foreach(listing_networks(l), i, network) {
                const char *error = json_text(network, "error");
                char line[1100], text[1000];

                if (!error)
                        continue;
                (void) snprintf(line, sizeof(line), "The guests on %s may not be known: %s.",
                                json_text(network, "interface") ?: "?",
                                text_escape(error, text, sizeof(text)));
                explain_print(line);
                any = true;
        }
        return any;
}

/* ---- */

void explain(Explanation *e, const char *what, const sd_bus_error *error) {
        bool better = false;

        if (!sd_bus_error_has_name(error, SERVICE_ERROR_NO_SUCH_NAME) &&
                        !sd_bus_error_has_name(error, SERVICE_ERROR_NO_SUCH_ADDRESS))
                return;
        e->missing = true;
        if (answer_needs_hint(what, error))
                better = print_other_variant(e, what) || explain_domain(e->listing, what) ||
                         explain_session(what) || print_suggestions(e->listing, what);
        e->hint = e->hint || (!better && answer_needs_hint(what, error));
}

void explain_end(Explanation *e) {
        bool better = e->missing && print_unread_files(e->listing);

        if (e->hint && !better)
                answer_print_hint();
}
