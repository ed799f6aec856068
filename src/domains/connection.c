/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connection to libvirt.
 */

#include "domains/connection.h"

#include <libvirt/virterror.h>
#include <string.h>

#include "service/log.h"
#include "util/text.h"

#define LIBVIRT_URI "qemu:///system"

static inline void domain_refp(virDomainPtr *domain) {
        if (*domain)
                (void) virDomainFree(*domain);
}

static const char *libvirt_error(void) {
        const char *message = virGetLastErrorMessage();

        return message ?: "unknown error";
}

/* ---- domains ---- */

static void log_problem(const char *domain, const char *problem) {
        char name[TEXT_NAME_SIZE];

        log_warning("Domain '%s': %s.", text_escape(domain, name, sizeof(name)), problem);
}

/* A domain with invalid XML is treated as not running. */
static void take_xml(Connection *c, const char *name, const char *uuid, const char *xml) {
        char problem[DOMAIN_PROBLEM_SIZE];
        Domain *d;
        int r;

        r = domain_parse(xml, strlen(xml), &d, problem);
        if (r < 0) {
                log_problem(name, r == -ENOMEM ? strerror(ENOMEM) :
                                                 "its XML has no usable name or is too large; ignored");
                inventory_remove_domain(c->inventory, uuid);
                return;
        }
        if (problem[0] != '\0')
                log_problem(name, problem);
        if (!d->running) {
                domain_free(d);
                inventory_remove_domain(c->inventory, uuid);
                return;
        }
        r = inventory_set_domain(c->inventory, d);
        if (r < 0)
                log_problem(name, r == -E2BIG ? "more domains run than are stated; ignored" : strerror(-r));
}

/* Reads the domain's current state, whatever the event was.  If the connection breaks, the known state is
 * kept. */
static void read_domain(Connection *c, virDomainPtr domain) {
        char uuid[VIR_UUID_STRING_BUFLEN];
        _cleanup_(freep) char *xml = NULL;

        if (virDomainGetUUIDString(domain, uuid) < 0)
                return;
        xml = virDomainGetXMLDesc(domain, 0);
        if (xml)
                take_xml(c, virDomainGetName(domain), uuid, xml);
        else if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
                inventory_remove_domain(c->inventory, uuid);
        else
                log_debug("A domain can't be read: %s.", libvirt_error());
        c->changed = true;
}

void connection_read_domain(Connection *c, const char *uuid) {
        _cleanup_(domain_refp) virDomainPtr domain = virDomainLookupByUUIDString(c->libvirt, uuid);

        if (domain)
                read_domain(c, domain);
        else if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) {
                inventory_remove_domain(c->inventory, uuid);
                c->changed = true;
        }
}

static int list_domains(Connection *c) {
        virDomainPtr *domains = NULL;
        int n;

        n = virConnectListAllDomains(c->libvirt, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
        if (n < 0)
                return -ENOTCONN;
        for (int i = 0; i < n; i++) {
                read_domain(c, domains[i]);
                (void) virDomainFree(domains[i]);
        }
        free(domains);
        return 0;
}

/* ---- networks ---- */

static void read_network(Connection *c, virNetworkPtr network) {
        _cleanup_(freep) char *xml = virNetworkGetXMLDesc(network, 0);
        char name[TEXT_NAME_SIZE];
        Network n;
        int r;

        if (!xml)
                return;
        r = network_parse(xml, strlen(xml), &n);
        if (r >= 0)
                r = inventory_add_network(c->inventory, &n);
        if (r < 0)
                log_warning("Network '%s' is ignored: %s.",
                                text_escape(virNetworkGetName(network), name, sizeof(name)), strerror(-r));
}

/* A driver without networks isn't an error: bridges don't need networks. */
static void list_networks(Connection *c) {
        virNetworkPtr *networks = NULL;
        int n;

        n = virConnectListAllNetworks(c->libvirt, &networks, VIR_CONNECT_LIST_NETWORKS_ACTIVE);
        if (n < 0) {
                log_debug("Networks can't be listed: %s.", libvirt_error());
                return;
        }
        inventory_clear_networks(c->inventory);
        for (int i = 0; i < n; i++) {
                read_network(c, networks[i]);
                (void) virNetworkFree(networks[i]);
        }
        free(networks);
        c->changed = true;
}

/* ---- events ---- */

static int on_lifecycle(virConnectPtr libvirt, virDomainPtr domain, int event, int detail, void *userdata) {
        read_domain(userdata, domain);
        return 0;
}

static void on_device(virConnectPtr libvirt, virDomainPtr domain, const char *alias, void *userdata) {
        read_domain(userdata, domain);
}

static void on_network(virConnectPtr libvirt, virNetworkPtr network, int event, int detail, void *userdata) {
        list_networks(userdata);
}

static void on_closed(virConnectPtr libvirt, int reason, void *userdata) {
        Connection *c = userdata;

        c->lost = true;
}

static const struct {
        int id;
        virConnectDomainEventGenericCallback callback;
} domain_events[DOMAIN_EVENTS_MAX] = {
        { VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle) },
        { VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device) },
        { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device) },
};

static int register_events(Connection *c) {
        if (virConnectRegisterCloseCallback(c->libvirt, on_closed, c, NULL) < 0)
                return -ENOTCONN;
        for (size_t i = 0; i < DOMAIN_EVENTS_MAX; i++) {
                c->domain_events[i] = virConnectDomainEventRegisterAny(c->libvirt, NULL, domain_events[i].id,
                                domain_events[i].callback, c, NULL);
                if (c->domain_events[i] < 0)
                        return -ENOTCONN;
        }
        c->network_event = virConnectNetworkEventRegisterAny(c->libvirt, NULL, VIR_NETWORK_EVENT_ID_LIFECYCLE,
                        VIR_NETWORK_EVENT_CALLBACK(on_network), c, NULL);
        if (c->network_event < 0)
                log_debug("No events of networks: %s.", libvirt_error());
        return 0;
}

/* A failure halfway changes nothing. */
int connection_list(Connection *c) {
        Inventory listed = { 0 }, *inventory = c->inventory;
        int r;

        c->inventory = &listed;
        list_networks(c);
        r = list_domains(c);
        c->inventory = inventory;
        if (r >= 0 && virConnectIsAlive(c->libvirt) != 1)
                r = -ENOTCONN;
        if (r < 0) {
                inventory_clear(&listed);
                return r;
        }
        inventory_clear(inventory);
        *inventory = listed;
        c->changed = true;
        return 0;
}

/* Registers for events first: changes during the listing are reported after it. */
static int connect_and_list(Connection *c) {
        int r;

        c->libvirt = virConnectOpenReadOnly(LIBVIRT_URI);
        if (!c->libvirt)
                return -ENOTCONN;
        r = register_events(c);
        return r < 0 ? r : connection_list(c);
}

int connection_open(Connection *c) {
        int r;

        c->lost = false;
        for (size_t i = 0; i < DOMAIN_EVENTS_MAX; i++)
                c->domain_events[i] = -1;
        c->network_event = -1;
        r = connect_and_list(c);
        if (r < 0) {
                log_line(c->failure_logged ? LOG_DEBUG : LOG_NOTICE, NULL, "libvirt can't be asked: %s.",
                                libvirt_error());
                c->failure_logged = true;
                connection_close(c);
                return r;
        }
        log_info("Connected to libvirt.");
        c->failure_logged = false;
        return 0;
}

void connection_close(Connection *c) {
        if (!c->libvirt)
                return;
        for (size_t i = 0; i < DOMAIN_EVENTS_MAX; i++)
                if (c->domain_events[i] >= 0)
                        (void) virConnectDomainEventDeregisterAny(c->libvirt, c->domain_events[i]);
        if (c->network_event >= 0)
                (void) virConnectNetworkEventDeregisterAny(c->libvirt, c->network_event);
        (void) virConnectUnregisterCloseCallback(c->libvirt, on_closed);
        (void) virConnectClose(c->libvirt);
        c->libvirt = NULL;
        c->lost = false;
}
