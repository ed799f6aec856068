/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A domain's XML.
 */

#include "domains/domain.h"

#include <stdio.h>
#include <string.h>

#include "domains/xml.h"
#include "util/array.h"

/* ---- port forwards of passt ---- */

typedef struct PortRange {
        unsigned start, end, to;
} PortRange;

static bool range_read(const xmlNode *element, PortRange *ret) {
        PortRange range;

        if (!xml_number(element, "start", UINT16_MAX, &range.start))
                return false;
        if (!xml_number(element, "end", UINT16_MAX, &range.end))
                range.end = range.start;
        if (!xml_number(element, "to", UINT16_MAX, &range.to))
                range.to = range.start;
        *ret = range;
        return range.start > 0 && range.start <= range.end &&
               range.to + (range.end - range.start) <= UINT16_MAX;
}

static bool port_is_excluded(const xmlNode *forward, unsigned port) {
        PortRange range;

        for (const xmlNode *e = xml_child(forward, "range"); e; e = xml_next(e, "range"))
                if (xml_attribute_is(e, "exclude", "yes") && range_read(e, &range) && port >= range.start &&
                                port <= range.end)
                        return true;
        return false;
}

static int nic_add_range(Nic *nic, const xmlNode *forward, const PortForward *model, const PortRange *range) {
        for (unsigned i = 0; i <= range->end - range->start && nic->n_ports < NIC_PORTS_MAX; i++) {
                PortForward *ports;

                if (port_is_excluded(forward, range->start + i))
                        continue;
                ports = array_grow(nic->ports, nic->n_ports, sizeof(*ports));
                if (!ports)
                        return -ENOMEM;
                nic->ports = ports;
                ports[nic->n_ports] = *model;
                ports[nic->n_ports].host = (uint16_t) (range->start + i);
                ports[nic->n_ports++].guest = (uint16_t) (range->to + i);
        }
        return 0;
}

/* A <portForward> without ranges forwards every port to itself: there is no list of ports, so it is left out.
 */
static int nic_add_forward(Nic *nic, const xmlNode *forward) {
        PortForward model = { .udp = xml_attribute_is(forward, "proto", "udp") };
        int r = 0;

        (void) xml_attribute(forward, "address", model.address, sizeof(model.address));
        for (const xmlNode *e = xml_child(forward, "range"); e && r >= 0; e = xml_next(e, "range")) {
                PortRange range;

                if (!xml_attribute_is(e, "exclude", "yes") && range_read(e, &range))
                        r = nic_add_range(nic, forward, &model, &range);
        }
        return r;
}

/* ---- NICs ---- */

static const char *type_reason(const char *type) {
        static const struct {
                const char *type, *reason;
        } reasons[] = {
                { "direct", "macvtap is on no bridge" },
                { "user", "user mode networking is behind an address of the host" },
                { "hostdev", "a passed-through device is on no bridge" },
                { "vhostuser", "vhost-user is on no Linux bridge" },
        };

        for (size_t i = 0; i < ELEMENTS(reasons); i++)
                if (strcmp(type, reasons[i].type) == 0)
                        return reasons[i].reason;
        if (strcmp(type, "network") == 0 || strcmp(type, "bridge") == 0 || strcmp(type, "ethernet") == 0)
                return NULL;
        return "a network card of this type is on no bridge";
}

/* The attributes of <source> show how libvirt connects a NIC of a network. */
static const char *nic_reason(const Nic *nic, const xmlNode *interface, const xmlNode *source) {
        const char *reason = type_reason(nic->type);
        char device[INTERFACE_NAME_SIZE];

        if (reason)
                return reason;
        if (xml_attribute_is(xml_child(interface, "virtualport"), "type", "openvswitch"))
                return "Open vSwitch isn't a Linux bridge";
        if (strcmp(nic->type, "network") == 0 && nic->bridge[0] == '\0' &&
                        xml_attribute(source, "dev", device, sizeof(device)))
                return type_reason("direct");
        return NULL;
}

static bool nic_read_mac(const xmlNode *interface, MacAddress *ret) {
        char text[MAC_TEXT_MAX];

        return xml_attribute(xml_child(interface, "mac"), "address", text, sizeof(text)) &&
               mac_parse(text, ret) >= 0;
}

static int nic_read(const xmlNode *interface, Nic *nic) {
        const xmlNode *source = xml_child(interface, "source");
        int r = 0;

        (void) xml_attribute(source, "bridge", nic->bridge, sizeof(nic->bridge));
        (void) xml_attribute(source, "network", nic->network, sizeof(nic->network));
        (void) xml_attribute(xml_child(interface, "target"), "dev", nic->tap, sizeof(nic->tap));
        nic->reason = nic_reason(nic, interface, source);
        for (const xmlNode *e = xml_child(interface, "portForward"); e && r >= 0;
                        e = xml_next(e, "portForward"))
                r = nic_add_forward(nic, e);
        return r;
}

static void note_problem(char problem[static DOMAIN_PROBLEM_SIZE], const char *what, unsigned position) {
        if (problem[0] == '\0')
                (void) snprintf(problem, DOMAIN_PROBLEM_SIZE, "network card %u: %s; ignored", position, what);
}

/* Returns 1 if the element is a usable NIC, or 0. */
static int nic_check(const Domain *d, const xmlNode *interface, unsigned position, Nic *nic,
                char problem[static DOMAIN_PROBLEM_SIZE]) {
        if (d->n_nics >= DOMAIN_NICS_MAX)
                note_problem(problem, "more than a domain may have", position);
        else if (!xml_attribute(interface, "type", nic->type, sizeof(nic->type)))
                note_problem(problem, "\"type\": expected a word", position);
        else if (!nic_read_mac(interface, &nic->mac))
                note_problem(problem, "\"mac\": expected a MAC address", position);
        else
                return 1;
        return 0;
}

static int domain_read_nics(Domain *d, const xmlNode *devices, char problem[static DOMAIN_PROBLEM_SIZE]) {
        unsigned position = 0;
        int r = 0;

        for (const xmlNode *e = xml_child(devices, "interface"); e && r >= 0; e = xml_next(e, "interface")) {
                Nic nic = { .master = MASTER_UNKNOWN }, *nics;

                if (nic_check(d, e, position++, &nic, problem) == 0)
                        continue;
                nics = array_grow(d->nics, d->n_nics, sizeof(*nics));
                if (!nics)
                        return -ENOMEM;
                d->nics = nics;
                nics[d->n_nics] = nic;
                r = nic_read(e, &nics[d->n_nics++]);
        }
        return r;
}

/* ---- domains ---- */

Domain *domain_free(Domain *domain) {
        if (!domain)
                return NULL;
        for (size_t i = 0; i < domain->n_nics; i++)
                free(domain->nics[i].ports);
        free(domain->nics);
        free(domain);
        return NULL;
}

int domain_parse(const char *xml, size_t size, Domain **ret, char problem[static DOMAIN_PROBLEM_SIZE]) {
        _cleanup_(xml_free_docp) xmlDoc *doc = NULL;
        _cleanup_(domain_freep) Domain *d = NULL;
        const xmlNode *root;
        char id[16];
        int r;

        problem[0] = '\0';
        r = xml_parse(xml, size, "domain", &doc);
        if (r < 0)
                return r;
        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;

        root = xmlDocGetRootElement(doc);
        if (!xml_text(xml_child(root, "name"), d->name, sizeof(d->name)) ||
                        !xml_text(xml_child(root, "uuid"), d->uuid, sizeof(d->uuid)))
                return -EBADMSG;
        d->running = xml_attribute(root, "id", id, sizeof(id));
        r = domain_read_nics(d, xml_child(root, "devices"), problem);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(d);
        return 0;
}
