/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The files that the helper writes.
 */

#include "domains/facts.h"

#include <string.h>

#include "helper/facts-file.h"

/* Sets a string unless it is empty. */
static int set_text(json_t *object, const char *key, const char *value) {
        return value && value[0] != '\0' ? json_object_set_new(object, key, json_string(value)) : 0;
}

/* ---- NICs ---- */

static json_t *ports_facts(const Nic *nic) {
        json_t *ports = json_array();

        for (size_t i = 0; i < nic->n_ports; i++) {
                const PortForward *p = &nic->ports[i];
                json_t *port = json_pack("{s:s, s:i, s:i}", "protocol", p->udp ? "udp" : "tcp", "host",
                                (int) p->host, "guest", (int) p->guest);

                if (set_text(port, "address", p->address) < 0 || json_array_append_new(ports, port) < 0) {
                        json_decref(ports);
                        return NULL;
                }
        }
        return ports;
}

/* The tap's current bridge; without a tap, or before it is on any bridge, the one in the XML. */
static void nic_place(const Nic *nic, const Links *links, const char **ret_bridge, const char **ret_reason) {
        const Link *tap = nic->tap[0] != '\0' ? links_find(links, nic->tap) : NULL;
        const Link *master = tap ? links_master(links, tap) : NULL;

        *ret_bridge = nic->reason ? NULL : nic->bridge;
        *ret_reason = nic->reason;
        if (!master || nic->reason)
                return;
        *ret_bridge = master->is_bridge ? master->name : NULL;
        *ret_reason = master->is_bridge ? NULL : "its tap is on no Linux bridge";
}

static json_t *nic_facts(const Domain *domain, const Nic *nic, const Links *links) {
        _cleanup_(json_freep) json_t *object = NULL;
        const char *bridge, *reason;
        char mac[MAC_TEXT_MAX];

        nic_place(nic, links, &bridge, &reason);
        object = json_pack("{s:s, s:s, s:s, s:s}", "domain", domain->name, "uuid", domain->uuid,
                        "mac-address", mac_format(&nic->mac, mac), "type", nic->type);
        if (set_text(object, "bridge", bridge) < 0 || set_text(object, "tap", nic->tap) < 0 ||
                        set_text(object, "network", nic->network) < 0 ||
                        set_text(object, "reason", reason) < 0)
                return NULL;
        if (nic->n_ports > 0 && json_object_set_new(object, "ports", ports_facts(nic)) < 0)
                return NULL;
        return TAKE_PTR(object);
}

/* ---- domains ---- */

/* Whether the domain's card has left the host. */
static bool nic_is_gone(const Nic *nic, const Links *links) {
        return nic->tap[0] != '\0' && !links_find(links, nic->tap);
}

static int add_domain(json_t *facts, const Domain *domain, const Links *links) {
        size_t n = 0;

        for (size_t i = 0; i < domain->n_nics; i++) {
                if (nic_is_gone(&domain->nics[i], links))
                        continue;
                if (json_array_append_new(facts, nic_facts(domain, &domain->nics[i], links)) < 0)
                        return -ENOMEM;
                n++;
        }
        if (n == 0)
                return json_array_append_new(facts, json_pack("{s:s}", "domain", domain->name));
        return 0;
}

json_t *facts_of_domains(const Inventory *inventory, const Links *links) {
        _cleanup_(json_freep) json_t *facts = json_array();

        for (size_t i = 0; i < inventory->n_domains; i++)
                if (add_domain(facts, inventory->domains[i], links) < 0)
                        return NULL;
        return TAKE_PTR(facts);
}

static json_t *network_facts(const Network *network) {
        _cleanup_(json_freep) json_t *object = json_pack("{s:s}", "network", network->name);

        if (set_text(object, "bridge", network->bridge) < 0 ||
                        set_text(object, "domain", network->suffix) < 0)
                return NULL;
        return TAKE_PTR(object);
}

json_t *facts_of_networks(const Inventory *inventory) {
        _cleanup_(json_freep) json_t *facts = json_array();

        for (size_t i = 0; i < inventory->n_networks; i++)
                if (json_array_append_new(facts, network_facts(&inventory->networks[i])) < 0)
                        return NULL;
        return TAKE_PTR(facts);
}
