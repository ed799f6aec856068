/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The TSIG key (RFC 8945), from a file in the format of tsig-keygen,
 *
 *     key "NAME" { algorithm hmac-sha256; secret "BASE64"; };
 *
 * or one line ALGORITHM:NAME:BASE64, as for nsupdate -y.
 */

#include "util/limits.h"

typedef struct Key {
        char algorithm[32]; /* with a final dot, as libldns requires */
        char name[DDNS_ZONE_SIZE + 1];
        char secret[512];
} Key;

/* Parses the text of a key file.  Returns 0, or -EINVAL with the reason in *ret_reason. */
int key_parse(const char *text, Key *ret, const char **ret_reason);

/*
 * Reads the key file, which others than its owner must not be able to read, unless it is a credential from
 * systemd. path NULL: the credential "tsig-key".  Returns 0, or a negative errno after reporting why.
 */
int key_load(const char *path, Key *ret);
