/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The names that a host keeps in a zone.
 */

#include "ddns/zone-list.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "ddns/update.h"

#define TIMEOUT_SEC 10

static ldns_resolver *new_resolver(const Config *c, const Key *key) {
        ldns_resolver *resolver = ldns_resolver_new();
        struct sockaddr_storage address = { 0 };
        uint16_t port;
        ldns_rdf *rdf;

        if (!resolver)
                return NULL;
        memcpy(&address, &c->address, sizeof(c->address));
        rdf = ldns_sockaddr_storage2rdf(&address, &port);
        if (!rdf || ldns_resolver_push_nameserver(resolver, rdf) != LDNS_STATUS_OK) {
                ldns_rdf_deep_free(rdf);
                ldns_resolver_deep_free(resolver);
                return NULL;
        }
        ldns_rdf_deep_free(rdf);
        ldns_resolver_set_port(resolver, port);
        ldns_resolver_set_timeout(resolver, (struct timeval) { .tv_sec = TIMEOUT_SEC });
        ldns_resolver_set_tsig_keyname(resolver, key->name);
        ldns_resolver_set_tsig_algorithm(resolver, key->algorithm);
        ldns_resolver_set_tsig_keydata(resolver, key->secret);
        return resolver;
}

char *zone_list_owner(const ldns_rr *rr, const char *host) {
        static const char label[] = MARKER_LABEL ".";
        char expected[DDNS_HOST_SIZE + 16];
        _cleanup_(freep) char *data = NULL, *owner = NULL;
        char *name = NULL;

        if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_TXT || ldns_rr_rd_count(rr) != 1)
                return NULL;
        (void) snprintf(expected, sizeof(expected), "\"host=%s\"", host);
        data = ldns_rdf2str(ldns_rr_rdf(rr, 0));
        owner = ldns_rdf2str(ldns_rr_owner(rr));
        if (!data || !owner || strcmp(data, expected) != 0 || strncasecmp(owner, label, strlen(label)) != 0)
                return NULL;
        name = strdup(owner + strlen(label));
        if (name && name[0] && name[strlen(name) - 1] == '.')
                name[strlen(name) - 1] = '\0';
        return name;
}

static int read_records(ldns_resolver *resolver, const char *host, ZoneListHandler handler, void *userdata) {
        ldns_rr *rr;
        int r = 0;

        while ((rr = ldns_axfr_next(resolver))) {
                _cleanup_(freep) char *owner = r < 0 ? NULL : zone_list_owner(rr, host);

                ldns_rr_free(rr);
                if (owner && owner_is_valid(owner))
                        r = handler(owner, userdata);
        }
        return r < 0 ? r : ldns_axfr_complete(resolver) ? 0 : -ECONNRESET;
}

int zone_list(const Config *c, const Key *key, const char *zone, const char *host, ZoneListHandler handler,
                void *userdata) {
        ldns_resolver *resolver = new_resolver(c, key);
        ldns_rdf *name = ldns_dname_new_frm_str(zone);
        int r = -ENOMEM;

        if (resolver && name)
                r = ldns_axfr_start(resolver, name, LDNS_RR_CLASS_IN) == LDNS_STATUS_OK ?
                                    read_records(resolver, host, handler, userdata) :
                                    -ECONNREFUSED;
        if (r < 0)
                fprintf(stderr,
                                "libvirt-resolve-ddns: zone %s can't be read from %s: %s. Does the server "
                                "allow "
                                "transfers with this key?\n",
                                zone, c->server, strerror(-r));
        ldns_rdf_deep_free(name);
        ldns_resolver_deep_free(resolver);
        return r;
}
