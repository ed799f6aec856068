/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * DHCID.
 */

#include "ddns/dhcid.h"

#include <errno.h>
#include <ldns/ldns.h>
#include <string.h>

#define HARDWARE_ETHERNET 1

/* Identifier type 0x0000 (hardware type and address), digest type 1 (SHA-256). */
static const uint8_t header[] = { 0, 0, 1 };

int dhcid_make(const MacAddress *mac, const char *name, uint8_t ret[static DHCID_SIZE]) {
        uint8_t hardware = HARDWARE_ETHERNET;
        ldns_sha256_CTX context;
        ldns_rdf *wire;

        wire = ldns_dname_new_frm_str(name);
        if (!wire)
                return -EINVAL;
        ldns_sha256_init(&context);
        ldns_sha256_update(&context, &hardware, 1);
        ldns_sha256_update(&context, mac->bytes, sizeof(mac->bytes));
        ldns_sha256_update(&context, ldns_rdf_data(wire), ldns_rdf_size(wire));
        ldns_rdf_deep_free(wire);
        memcpy(ret, header, sizeof(header));
        ldns_sha256_final(ret + sizeof(header), &context);
        return 0;
}
