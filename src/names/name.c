/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names, and those that no guest may have.
 */

#include "names/name.h"

#include <arpa/inet.h>
#include <string.h>

#include "util/util.h"

static bool char_is_alphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static char char_fold(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

size_t name_fold(const char *name, char buffer[static NAME_SIZE]) {
        size_t n = strnlen(name, NAME_LENGTH_MAX + 2);

        if (n > 0 && name[n - 1] == '.')
                n--;
        if (n > NAME_LENGTH_MAX || (n > 0 && name[n - 1] == '.'))
                n = 0;

        for (size_t i = 0; i < n; i++)
                buffer[i] = char_fold(name[i]);
        buffer[n] = '\0';
        return n;
}

bool name_equal(const char *a, const char *b) {
        while (*a && char_fold(*a) == char_fold(*b))
                a++, b++;
        return char_fold(*a) == char_fold(*b);
}

static bool label_is_good(const char *label, size_t n) {
        if (n == 0 || n > 63)
                return false;
        if (!char_is_alphanumeric(label[0]) || !char_is_alphanumeric(label[n - 1]))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!char_is_alphanumeric(label[i]) && label[i] != '-' && label[i] != '_')
                        return false;
        return true;
}

bool name_is_hostname(const char *name) {
        if (strnlen(name, HOSTNAME_LENGTH_MAX + 1) > HOSTNAME_LENGTH_MAX)
                return false;

        for (;;) {
                size_t n = strcspn(name, ".");

                if (!label_is_good(name, n))
                        return false;
                if (name[n] == '\0')
                        return true;
                name += n + 1;
        }
}

static bool starts_with(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *s, const char *suffix) {
        size_t n = strlen(s), length = strlen(suffix);

        return n >= length && memcmp(s + n - length, suffix, length) == 0;
}

static bool first_label_is(const char *name, const char *label) {
        size_t n = strlen(label);

        return strncmp(name, label, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

bool name_is_address(const char *folded) {
        struct in_addr address;

        /* inet_aton() reads up to a blank */
        return folded[0] >= '0' && folded[0] <= '9' && !strpbrk(folded, " \t\n\v\f\r") &&
               inet_aton(folded, &address) != 0;
}

/* Names that systemd-resolved and nss-myhostname answer themselves. */
static bool name_is_systemds(const char *folded) {
        static const char *const names[] = { "_gateway", "_localdnsproxy", "_localdnsstub", "_outbound" };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (first_label_is(folded, names[i]))
                        return true;
        return false;
}

bool name_is_reserved(const char *folded) {
        switch (folded[0]) {
        case '0' ... '9':
                if (name_is_address(folded))
                        return true;
                break;
        case '_':
                return name_is_systemds(folded);
        case 'i':
                if (starts_with(folded, "ip6-") || first_label_is(folded, "isatap"))
                        return true;
                break;
        case 'l':
                if (starts_with(folded, "localhost"))
                        return true;
                break;
        case 'w':
                if (first_label_is(folded, "wpad"))
                        return true;
                break;
        }
        return ends_with(folded, ".localhost");
}
