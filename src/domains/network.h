/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A virtual network as libvirt describes it in XML: its bridge, and the DNS domain of its guests.
 */

#include <stddef.h>

#include "domains/domain.h"

typedef struct Network {
        char name[NAME_LENGTH_MAX + 1];
        char bridge[INTERFACE_NAME_SIZE]; /* or empty */
        char suffix[NAME_LENGTH_MAX + 1]; /* of <domain name=>, or empty */
} Network;

/* Parses the XML of virNetworkGetXMLDesc().  Returns 0, -EBADMSG or -EFBIG. */
int network_parse(const char *xml, size_t size, Network *ret);
