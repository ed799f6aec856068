/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The TSIG key.
 */

#include "ddns/key.h"

#include <fcntl.h>
#include <ldns/ldns.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "util/util.h"

#define CREDENTIAL "tsig-key"

/* The algorithms that libldns supports and RFC 8945 doesn't call obsolete. */
static const char *const algorithms[] = { "hmac-sha256", "hmac-sha512" };

static const char blanks[] = " \t\r\n";

/* Reads the next word, in quotes or not, or one of the characters {};.  Returns false at the end, or if the
 * word is too long. */
static bool next_word(const char **cursor, char *buffer, size_t size) {
        const char *p = *cursor + strspn(*cursor, blanks);
        bool quoted;
        size_t n;

        while (*p == '#' || (p[0] == '/' && p[1] == '/')) {
                p += strcspn(p, "\n");
                p += strspn(p, blanks);
        }
        quoted = *p == '"';
        n = quoted ? strcspn(p + 1, "\"") : strcspn(p, " \t\r\n{};\"");
        if (!quoted && n == 0 && *p)
                n = 1;
        if (n == 0 || n >= size || (quoted && p[n + 1] != '"'))
                return false;
        memcpy(buffer, p + quoted, n);
        buffer[n] = '\0';
        *cursor = p + n + 2 * quoted;
        return true;
}

static bool expect(const char **cursor, const char *word) {
        char buffer[32];

        return next_word(cursor, buffer, sizeof(buffer)) && strcasecmp(buffer, word) == 0;
}

/* Reads the rest of a statement: its value and the semicolon. */
static bool read_value(const char **cursor, char *buffer, size_t size) {
        return next_word(cursor, buffer, size) && expect(cursor, ";");
}

static int parse_statement(const char *text, Key *key) {
        char word[32];

        if (!expect(&text, "key") || !next_word(&text, key->name, sizeof(key->name)) || !expect(&text, "{"))
                return -EINVAL;
        while (next_word(&text, word, sizeof(word)) && strcmp(word, "}") != 0) {
                bool good = strcasecmp(word, "algorithm") == 0 ?
                                            read_value(&text, key->algorithm, sizeof(key->algorithm) - 1) :
                            strcasecmp(word, "secret") == 0 ?
                                            read_value(&text, key->secret, sizeof(key->secret)) :
                                            false;

                if (!good)
                        return -EINVAL;
        }
        return key->algorithm[0] && key->secret[0] ? 0 : -EINVAL;
}

/* Parses ALGORITHM:NAME:SECRET.  Each part is limited by its member's size. */
static int parse_line(const char *text, Key *key) {
        char rest[2];

        return sscanf(text, " %30[^: \n]:%180[^: \n]:%511[^ \n] %1s", key->algorithm, key->name, key->secret,
                               rest) == 3 ?
                               0 :
                               -EINVAL;
}

/* Whether libldns can sign with the key. */
static bool key_signs(const Key *key) {
        ldns_rdf *name = ldns_dname_new_frm_str(key->name);
        ldns_rdf *secret = NULL;
        bool good = name && ldns_str2rdf_b64(&secret, key->secret) == LDNS_STATUS_OK &&
                    ldns_rdf_size(secret) > 0;
        ldns_pkt *pkt;

        if (secret)
                explicit_bzero(ldns_rdf_data(secret), ldns_rdf_size(secret));
        ldns_rdf_deep_free(secret);
        ldns_rdf_deep_free(name);
        if (!good)
                return false; /* signing with such a name or secret would leak (libldns 1.8.3) */
        pkt = ldns_pkt_query_new(ldns_dname_new_frm_str("."), LDNS_RR_TYPE_SOA, LDNS_RR_CLASS_IN, 0);
        good = pkt &&
               ldns_pkt_tsig_sign(pkt, key->name, key->secret, 300, key->algorithm, NULL) == LDNS_STATUS_OK;

        ldns_pkt_free(pkt);
        return good;
}

static bool algorithm_is_known(const char *algorithm) {
        for (size_t i = 0; i < ELEMENTS(algorithms); i++)
                if (strcasecmp(algorithms[i], algorithm) == 0)
                        return true;
        return false;
}

int key_parse(const char *text, Key *ret, const char **ret_reason) {
        Key key = { 0 };

        if (parse_statement(text, &key) < 0) {
                key = (Key) { 0 };
                if (parse_line(text, &key) < 0) {
                        *ret_reason = "expected: key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };";
                        return -EINVAL;
                }
        }
        if (!algorithm_is_known(key.algorithm)) {
                *ret_reason = "unknown algorithm, expected hmac-sha256 or hmac-sha512";
                return -EINVAL;
        }
        (void) strcat(key.algorithm, ".");
        if (!key_signs(&key)) {
                *ret_reason = "the key's name isn't a domain name, or its secret isn't Base64";
                return -EINVAL;
        }
        *ret = key;
        explicit_bzero(&key, sizeof(key));
        return 0;
}

static int report_error(const char *path, const char *reason) {
        fprintf(stderr, "libvirt-resolve-ddns: key file %s: %s.\n", path, reason);
        return -EINVAL;
}

static int load(const char *path, bool credential, Key *ret) {
        _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char text[DDNS_KEY_FILE_MAX + 1];
        const char *reason;
        struct stat st;
        ssize_t n;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return report_error(path, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return report_error(path, "not a regular file");
        if (!credential && (st.st_mode & 077) != 0)
                return report_error(path, "others may read it; fix it with: chmod 0600");
        n = read(fd, text, sizeof(text));
        if (n < 0)
                return report_error(path, strerror(errno));
        if ((size_t) n > DDNS_KEY_FILE_MAX)
                return report_error(path, "too large for a key");
        text[n] = '\0';
        r = key_parse(text, ret, &reason);
        explicit_bzero(text, sizeof(text));
        return r < 0 ? report_error(path, reason) : 0;
}

int key_load(const char *path, Key *ret) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        char credential[PATH_MAX];

        if (path)
                return load(path, false, ret);
        if (!directory || snprintf(credential, sizeof(credential), "%s/" CREDENTIAL, directory) >= PATH_MAX) {
                fprintf(stderr, "libvirt-resolve-ddns: there is no key: set LoadCredential=" CREDENTIAL
                                ":FILE in the unit, or --key-file=FILE.\n");
                return -EINVAL;
        }
        return load(credential, true, ret);
}
