/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Static names of a network.
 */

#include "source/hosts-file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"

/* Bytes of a line; a longer one is invalid. */
#define LINE_MAX_SIZE 4096U

/* A document that is read line by line. */
typedef struct Lines {
        const char *next, *end;
        uint32_t position; /* of the line */
        BindingList *list;
        Strings strings;
} Lines;

/* Parses a line, a string that it may change.  Returns 0, -EBADMSG if the line is invalid, or -ENOMEM. */
typedef int (*LineFunc)(Lines *lines, char *line);

static int lines_add(Lines *lines, const Address *address, const MacAddress *mac, const char *name) {
        Binding binding = {
                .hostname = name,
                .position = lines->position,
                .address = *address,
                .has_mac = mac,
                .source = SOURCE_STATIC,
        };

        if (lines->list->n_bindings >= LEASE_FILE_ENTRIES_MAX || strlen(name) > NAME_LENGTH_MAX ||
                        !utf8_is_string(name))
                return -EBADMSG;
        if (mac)
                binding.mac = *mac;
        return binding_list_add(lines->list, &binding, &lines->strings);
}

static void lines_skip(Lines *lines) {
        const Problem problem = {
                .entry = lines->position,
                .expected = "a line as libvirt writes it",
                .done = "line skipped",
        };

        problems_add(&lines->list->problems, &problem);
        lines->list->problems.n_skipped++;
}

static int line_parse(Lines *lines, LineFunc func, const char *text, size_t length) {
        char line[LINE_MAX_SIZE];

        if (length >= sizeof(line) || memchr(text, '\0', length))
                return -EBADMSG;
        memcpy(line, text, length);
        line[length] = '\0';
        line[strcspn(line, "#\r")] = '\0';
        return line[strspn(line, " \t")] == '\0' ? 0 : func(lines, line);
}

static int lines_parse(const char *data, size_t size, LineFunc func, BindingList **ret,
                DocumentError *error) {
        _cleanup_(binding_list_freep) BindingList *list = calloc(1, sizeof(*list));
        Lines lines = { .next = data, .end = data + size, .list = list };
        int r = list ? 0 : -ENOMEM;

        for (; r != -ENOMEM && lines.next < lines.end; lines.position++) {
                size_t left = (size_t) (lines.end - lines.next);
                const char *newline = memchr(lines.next, '\n', left) ?: lines.end;

                r = line_parse(&lines, func, lines.next, (size_t) (newline - lines.next));
                if (r == -EBADMSG)
                        lines_skip(&lines);
                lines.next = newline + (newline < lines.end);
        }
        if (r != -ENOMEM) {
                binding_list_finish(list, &lines.strings);
                *ret = TAKE_PTR(list);
        }
        strings_done(&lines.strings);
        return r == -ENOMEM ? document_error_memory(error) : 0;
}

/* The content of a line of a hostsfile. */
typedef struct HostLine {
        Address address;
        MacAddress mac;
        bool has_address, has_mac;
        const char *name;
} HostLine;

/* The Ethernet address in a DUID that is one with the time (type 1) or without (type 3). */
static bool duid_mac(const char *text, MacAddress *ret) {
        size_t n = strlen(text);

        if (n == 29 && strncmp(text, "00:03:00:01:", 12) == 0)
                return mac_parse(text + 12, ret) >= 0;
        return n == 41 && strncmp(text, "00:01:00:01:", 12) == 0 && mac_parse(text + 24, ret) >= 0;
}

/* "30m", "3600", "infinite": how long leases last. */
static bool field_is_time(const char *field) {
        size_t n = strspn(field, "0123456789");

        if (n == 0)
                return strcmp(field, "infinite") == 0;
        return field[n] == '\0' || (strchr("smhdw", field[n]) && field[n + 1] == '\0');
}

static bool field_is_bracketed(char *field) {
        size_t n = strlen(field);

        return n > 2 && field[0] == '[' && field[n - 1] == ']';
}

static bool host_line_set_address(HostLine *h, char *field) {
        if (field_is_bracketed(field)) {
                field[strlen(field) - 1] = '\0';
                field++;
        }
        if (h->has_address || address_parse(field, &h->address) < 0)
                return false;
        return h->has_address = true;
}

/* Adds a field to the line's content.  Returns false if that makes the line invalid. */
static bool host_line_add(HostLine *h, char *field, bool last) {
        if (strncmp(field, "id:", 3) == 0) {
                h->has_mac = duid_mac(field + 3, &h->mac);
                return true;
        }
        if (!h->has_mac && mac_parse(field, &h->mac) >= 0)
                return h->has_mac = true;
        if (field_is_bracketed(field) || !h->has_address)
                if (host_line_set_address(h, field))
                        return true;
        if (last && h->has_address && field_is_time(field))
                return true;
        if (h->name || field[0] == '\0' || field[0] == '[')
                return false;
        h->name = field;
        return true;
}

static int hosts_line(Lines *lines, char *line) {
        HostLine h = { 0 };

        for (char *field = strsep(&line, ","); field; field = strsep(&line, ","))
                if (!host_line_add(&h, field, !line))
                        return -EBADMSG;
        if (!h.has_address)
                return -EBADMSG;
        return h.has_mac && h.name ? lines_add(lines, &h.address, &h.mac, h.name) : 0;
}

int hosts_file_parse(const char *data, size_t size, BindingList **ret, DocumentError *error) {
        return lines_parse(data, size, hosts_line, ret, error);
}

static int addn_hosts_line(Lines *lines, char *line) {
        const char *blanks = " \t";
        char *state, *word = strtok_r(line, blanks, &state);
        Address address;
        int r = -EBADMSG;

        if (!word || address_parse(word, &address) < 0)
                return -EBADMSG;
        while ((word = strtok_r(NULL, blanks, &state))) {
                r = lines_add(lines, &address, NULL, word);
                if (r < 0)
                        return r;
        }
        return r;
}

int addn_hosts_parse(const char *data, size_t size, BindingList **ret, DocumentError *error) {
        return lines_parse(data, size, addn_hosts_line, ret, error);
}
