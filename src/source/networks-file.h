/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The virtual networks of this host, as libvirt-resolve-domains states them in networks.json: a JSON array of
 * {"network": ..., "bridge": ..., "domain": ...}; see libvirt-resolve-facts(5).
 */

#include <stddef.h>

#include "source/problem.h"
#include "util/limits.h"
#include "util/util.h"

/* A network whose guests have a DNS domain. */
typedef struct NetworkSuffix {
        char interface[INTERFACE_NAME_LENGTH_MAX + 1]; /* its bridge */
        char name[NAME_LENGTH_MAX + 1];                /* UTF-8, as in the file */
} NetworkSuffix;

typedef struct NetworkSuffixes {
        size_t n;
        NetworkSuffix *suffixes; /* in the file's order */
        Problems problems;
} NetworkSuffixes;

/*
 * Parses size bytes.  A network without a bridge, or without a domain, is left out; invalid entries are
 * skipped and counted, and so are more than NETWORK_SUFFIXES_MAX.  Returns 0 and the suffixes, which the
 * caller clears; -EBADMSG if the document as a whole is invalid; -ENOMEM.  On failure *ret is untouched and
 * *error says why.
 */
int networks_file_parse(const char *data, size_t size, NetworkSuffixes *ret, DocumentError *error);

/* Frees what *suffixes owns. */
void network_suffixes_done(NetworkSuffixes *suffixes);
