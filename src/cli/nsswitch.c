/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The hosts line of nsswitch.conf(5).
 */

#include "cli/nsswitch.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "index/format.h"
#include "util/util.h"

#define ANSWERS_ALL (NSSWITCH_SUCCESS | NSSWITCH_NOTFOUND | NSSWITCH_UNAVAIL | NSSWITCH_TRYAGAIN)

static size_t skip_blanks(const char *text, size_t at, size_t end) {
        while (at < end && isspace((unsigned char) text[at]))
                at++;
        return at;
}

static size_t skip_word(const char *text, size_t at, size_t end, const char *stops) {
        while (at < end && !isspace((unsigned char) text[at]) && !strchr(stops, text[at]))
                at++;
        return at;
}

/* ---- actions ---- */

static unsigned answer_from_text(const char *text, size_t length) {
        static const struct {
                const char *name;
                NsswitchAnswer answer;
        } names[] = {
                { "SUCCESS", NSSWITCH_SUCCESS },
                { "NOTFOUND", NSSWITCH_NOTFOUND },
                { "UNAVAIL", NSSWITCH_UNAVAIL },
                { "TRYAGAIN", NSSWITCH_TRYAGAIN },
        };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strlen(names[i].name) == length && strncasecmp(names[i].name, text, length) == 0)
                        return names[i].answer;
        return 0;
}

/* Applies the one "STATUS=ACTION" or "!STATUS=ACTION" between at and end. */
static void apply_action(const char *text, size_t at, size_t end, NsswitchSource *source) {
        const char *equals = memchr(text + at, '=', end - at);
        unsigned answers;
        bool negated;

        if (!equals)
                return;
        negated = text[at] == '!';
        at += negated;
        answers = answer_from_text(text + at, (size_t) (equals - text) - at);
        if (answers == 0)
                return;
        if (negated)
                answers = ANSWERS_ALL & ~answers;

        at = (size_t) (equals + 1 - text);
        if (end - at == 6 && strncasecmp(text + at, "return", 6) == 0)
                source->ends |= answers;
        else if (end - at == 8 && strncasecmp(text + at, "continue", 8) == 0)
                source->ends &= ~answers;
        else if (end - at == 5 && strncasecmp(text + at, "merge", 5) == 0) {
                source->ends &= ~answers;
                source->merges = true;
        }
}

/* Parses the "[...]" at at.  Returns where it ends. */
static size_t parse_actions(const char *text, size_t at, size_t end, NsswitchSource *source) {
        const char *bracket = memchr(text + at, ']', end - at);
        size_t close = bracket ? (size_t) (bracket - text) : end;

        for (at = skip_blanks(text, at + 1, close); at < close;) {
                size_t word_end = skip_word(text, at, close, "");

                apply_action(text, at, word_end, source);
                at = skip_blanks(text, word_end, close);
        }
        return MIN2(close + 1, end);
}

/* ---- the line ---- */

/* The offset of the list in a hosts line; 0: it is another line. */
static size_t hosts_list(const char *text, size_t at, size_t end) {
        size_t word, word_end;

        word = skip_blanks(text, at, end);
        word_end = skip_word(text, word, end, ":");
        if (word_end - word != 5 || strncmp(text + word, "hosts", 5) != 0 || word_end >= end)
                return 0;
        word_end = skip_blanks(text, word_end, end);
        return word_end < end && text[word_end] == ':' ? word_end + 1 : 0;
}

/* Finds the list of the last hosts line, without its comment. */
static int find_list(const char *text, size_t *ret_begin, size_t *ret_end) {
        int r = -ENOENT;

        for (size_t at = 0, next; text[at] != '\0'; at = next) {
                size_t line_end = at + strcspn(text + at, "\n"), end = at + strcspn(text + at, "#\n"), begin;

                next = line_end + (text[line_end] == '\n');
                begin = hosts_list(text, at, end);
                if (begin == 0)
                        continue;
                *ret_begin = begin;
                *ret_end = end;
                r = 0;
        }
        return r;
}

int nsswitch_parse(const char *text, NsswitchHosts *ret) {
        NsswitchHosts hosts = { .text = text };
        size_t at, end;
        int r;

        r = find_list(text, &at, &end);
        if (r < 0)
                return r;
        while (end > at && isspace((unsigned char) text[end - 1]))
                end--;
        at = skip_blanks(text, at, end);
        hosts.begin = at;
        hosts.end = end;
        while (at < end) {
                NsswitchSource *source = hosts.sources + hosts.n_sources, stray = { 0 };

                if (text[at] == '[') { /* more actions, or actions without a source */
                        source = hosts.n_sources > 0 ? source - 1 : &stray;
                        source->end = parse_actions(text, at, end, source);
                        at = skip_blanks(text, source->end, end);
                        continue;
                }
                if (hosts.n_sources >= NSSWITCH_SOURCES_MAX)
                        return -E2BIG;
                *source = (NsswitchSource) { .begin = at, .ends = NSSWITCH_SUCCESS };
                source->end = source->name_end = skip_word(text, at, end, "[");
                hosts.n_sources++;
                at = skip_blanks(text, source->end, end);
        }
        *ret = hosts;
        return 0;
}

bool nsswitch_is(const NsswitchHosts *hosts, size_t i, const char *name) {
        const NsswitchSource *s = hosts->sources + i;

        return s->name_end - s->begin == strlen(name) &&
               memcmp(hosts->text + s->begin, name, s->name_end - s->begin) == 0;
}

int nsswitch_find(const NsswitchHosts *hosts, const char *name) {
        for (size_t i = 0; i < hosts->n_sources; i++)
                if (nsswitch_is(hosts, i, name))
                        return (int) i;
        return -ENOENT;
}

int nsswitch_find_end(const NsswitchHosts *hosts, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (hosts->sources[i].ends & ~(unsigned) NSSWITCH_SUCCESS)
                        return (int) i;
        return -ENOENT;
}

unsigned nsswitch_modules(const NsswitchHosts *hosts) {
        return (nsswitch_find(hosts, NSSWITCH_LEASE) >= 0 ? VARIANT_LEASE : 0U) |
               (nsswitch_find(hosts, NSSWITCH_DOMAIN) >= 0 ? VARIANT_DOMAIN : 0U);
}

bool nsswitch_is_enabled(const NsswitchHosts *hosts, unsigned modules) {
        int lease = nsswitch_find(hosts, NSSWITCH_LEASE), domain = nsswitch_find(hosts, NSSWITCH_DOMAIN);

        return modules != 0 && nsswitch_modules(hosts) == modules &&
               nsswitch_find_end(hosts, (size_t) MAX2(lease, domain)) < 0;
}

bool nsswitch_files_first(const NsswitchHosts *hosts) {
        int files = nsswitch_find(hosts, NSSWITCH_FILES), lease = nsswitch_find(hosts, NSSWITCH_LEASE),
            domain = nsswitch_find(hosts, NSSWITCH_DOMAIN);

        return (lease < 0 || (files >= 0 && files < lease)) && (domain < 0 || (files >= 0 && files < domain));
}

/* ---- editing ---- */

/* Replaces the text between begin and end. */
static int splice(const char *text, size_t begin, size_t end, const char *by, char **ret) {
        char *spliced;

        if (asprintf(&spliced, "%.*s%s%s", (int) begin, text, by, text + end) < 0)
                return -ENOMEM;
        *ret = spliced;
        return 0;
}

/* Removes a source with its actions and the blanks before it, or after it if it is the first. */
static int remove_source(const NsswitchHosts *hosts, size_t i, char **ret) {
        const NsswitchSource *s = hosts->sources + i;

        if (i > 0)
                return splice(hosts->text, hosts->sources[i - 1].end, s->end, "", ret);
        return splice(hosts->text, s->begin, hosts->n_sources > 1 ? s[1].begin : s->end, "", ret);
}

int nsswitch_disable(const char *text, char **ret) {
        _cleanup_(freep) char *changed = NULL;

        for (;;) {
                NsswitchHosts hosts;
                char *next;
                int i, r;

                r = nsswitch_parse(changed ?: text, &hosts);
                if (r == -ENOENT)
                        return NSSWITCH_UNCHANGED;
                if (r < 0)
                        return r;
                i = nsswitch_find(&hosts, NSSWITCH_LEASE);
                if (i < 0)
                        i = nsswitch_find(&hosts, NSSWITCH_DOMAIN);
                if (i < 0)
                        break;
                r = remove_source(&hosts, (size_t) i, &next);
                if (r < 0)
                        return r;
                free(changed);
                changed = next;
        }
        if (!changed)
                return NSSWITCH_UNCHANGED;
        *ret = TAKE_PTR(changed);
        return NSSWITCH_CHANGED;
}

/* The names of modules, as written in a list. */
static const char *list_of(unsigned modules) {
        static const char *const lists[] = { "", NSSWITCH_LEASE, NSSWITCH_DOMAIN,
                NSSWITCH_LEASE " " NSSWITCH_DOMAIN };

        return lists[modules & (VARIANT_LEASE | VARIANT_DOMAIN)];
}

static int append_line(const char *text, const char *modules, char **ret) {
        size_t length = strlen(text);
        char line[128];

        (void) snprintf(line, sizeof(line), "%shosts:          " NSSWITCH_FILES " %s dns\n",
                        length > 0 && text[length - 1] != '\n' ? "\n" : "", modules);
        return splice(text, length, length, line, ret);
}

static int insert_behind(const NsswitchHosts *hosts, size_t i, const char *modules, char **ret) {
        size_t at = hosts->sources[i].end;
        char inserted[128];

        (void) snprintf(inserted, sizeof(inserted), " %s", modules);
        return splice(hosts->text, at, at, inserted, ret);
}

/* Inserts "files", with its actions, and the modules before source i; files: the index of "files", after i.
 */
static int insert_with_files(const NsswitchHosts *hosts, size_t i, size_t files, const char *modules,
                char **ret) {
        const NsswitchSource *s = hosts->sources + files;
        _cleanup_(freep) char *without = NULL, *inserted = NULL;
        int r;

        r = remove_source(hosts, files, &without);
        if (r < 0)
                return r;
        if (asprintf(&inserted, "%.*s %s ", (int) (s->end - s->begin), hosts->text + s->begin, modules) < 0)
                return -ENOMEM;
        return splice(without, hosts->sources[i].begin, hosts->sources[i].begin, inserted, ret);
}

/* Inserts "files" and the modules at the beginning of a list. */
static int insert_first(const NsswitchHosts *hosts, const char *modules, char **ret) {
        char inserted[128];

        if (hosts->n_sources == 0) {
                (void) snprintf(inserted, sizeof(inserted), " " NSSWITCH_FILES " %s dns", modules);
                return splice(hosts->text, hosts->begin, hosts->end, inserted, ret);
        }
        (void) snprintf(inserted, sizeof(inserted), NSSWITCH_FILES " %s ", modules);
        return splice(hosts->text, hosts->begin, hosts->begin, inserted, ret);
}

/* Inserts modules into a list that has none of ours. */
static int insert_modules(const NsswitchHosts *hosts, const char *modules, char **ret) {
        int files = nsswitch_find(hosts, NSSWITCH_FILES), end, r;

        if (files >= 0 && hosts->sources[files].ends & ~(unsigned) NSSWITCH_SUCCESS)
                return NSSWITCH_REFUSED;
        end = files >= 0 ? nsswitch_find_end(hosts, (size_t) files) : -ENOENT;
        if (files < 0)
                r = insert_first(hosts, modules, ret);
        else if (end >= 0)
                r = insert_with_files(hosts, (size_t) end, (size_t) files, modules, ret);
        else
                r = insert_behind(hosts, (size_t) files, modules, ret);
        return r < 0 ? r : NSSWITCH_CHANGED;
}

int nsswitch_enable(const char *text, unsigned modules, char **ret) {
        _cleanup_(freep) char *without = NULL;
        NsswitchHosts hosts;
        int r;

        r = nsswitch_parse(text, &hosts);
        if (r >= 0 && nsswitch_is_enabled(&hosts, modules) && nsswitch_files_first(&hosts))
                return NSSWITCH_UNCHANGED;
        if (r >= 0) {
                r = nsswitch_disable(text, &without);
                if (r == NSSWITCH_CHANGED)
                        r = nsswitch_parse(without, &hosts);
        }
        if (r >= 0)
                return insert_modules(&hosts, list_of(modules), ret);
        if (r == -ENOENT)
                r = append_line(text, list_of(modules), ret);
        return r < 0 ? r : NSSWITCH_CHANGED;
}
