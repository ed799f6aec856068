/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The TSIG key (RFC 8945), from a file as tsig-keygen writes it,
 *
 *     key "NAME" { algorithm hmac-sha256; secret "BASE64"; };
 *
 * or one line ALGORITHM:NAME:BASE64, as nsupdate -y takes it.
 */

#include "util/limits.h"

typedef struct Key {
        char algorithm[32]; /* with a final dot, as ldns wants it */
        char name[DDNS_ZONE_SIZE + 1];
        char secret[512];
} Key;

/* Reads the text of a key file.  Returns 0, or -EINVAL and in *ret_reason what is wrong. */
int key_parse(const char *text, Key *ret, const char **ret_reason);

/*
 * Reads the key file, which others than its owner may not read unless systemd handed it over as a credential.
 * path NULL: the credential "tsig-key".  Returns 0, or a negative errno after having said why.
 */
int key_load(const char *path, Key *ret);
