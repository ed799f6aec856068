/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks on guests: refused names, guests that share a DHCP client-id, and guests without a
 * lease.
 */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/doctor.h"
#include "cli/guests.h"
#include "cli/json.h"
#include "cli/service-client.h"
#include "cli/session-guests.h"
#include "source/file-contents.h"
#include "source/macs-file.h"
#include "source/status-file.h"
#include "util/clock.h"
#include "util/span.h"

/* ---- refused names ---- */

static void report_refused(Doctor *d, const json_t *leases) {
        const json_t *lease;
        size_t i;

        json_array_foreach(leases, i, lease)
                if (json_text(lease, "refused") && !json_is_true(json_object_get(lease, "superseded")))
                        doctor_add(d, VERDICT_WARNING, NULL, "Refused for %s: %s",
                                        json_text(lease, "address"), json_text(lease, "refused"));
}

/* ---- guests that share a client-id ---- */

/* The part of the client-id that identifies the client: its DUID.  RFC 4361 puts the interface's number
 * first. */
static const char *client_of(const json_t *lease) {
        static const size_t iaid = sizeof("ff:xx:xx:xx:xx:") - 1;
        const char *id = json_text(lease, "client-id") ?: "";

        return strncmp(id, "ff:", 3) == 0 && strlen(id) > iaid ? id + iaid : id;
}

static bool is_same_text(const json_t *one, const json_t *other, const char *key) {
        const char *text = json_text(one, key), *other_text = json_text(other, key);

        return text && other_text && strcmp(text, other_text) == 0;
}

/* Whether the two may be interfaces of one guest. */
static bool may_be_one_guest(const json_t *one, const json_t *other) {
        if (is_same_text(one, other, "mac-address"))
                return true;
        if (json_text(one, "domain") && json_text(other, "domain"))
                return is_same_text(one, other, "domain");
        return is_same_text(one, other, "hostname");
}

static const char *name_of(const json_t *lease) {
        return json_text(lease, "domain")                      ?:
                               json_text(lease, "hostname")    ?:
                               json_text(lease, "mac-address") ?:
                                                                 "?";
}

static void report_clones(Doctor *d, const json_t *leases) {
        const json_t *one, *other;
        size_t i, k;

        json_array_foreach(leases, i, one)
                for (k = 0; k < i && (other = json_array_get(leases, k)); k++) {
                        if (client_of(one)[0] == '\0' || strcmp(client_of(one), client_of(other)) != 0 ||
                                        may_be_one_guest(one, other))
                                continue;
                        doctor_add(d, VERDICT_WARNING,
                                        "One was cloned from the other, so they take each other's addresses. "
                                        "In the clone:\n"
                                        "rm /etc/machine-id; systemd-machine-id-setup; reboot",
                                        "The guests '%s' (%s) and '%s' (%s) have one DHCP client-id: %s",
                                        name_of(other), json_text(other, "address"), name_of(one),
                                        json_text(one, "address"), client_of(one));
                        break;
                }
}

void check_names(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *leases = NULL;

        if (!d->properties || client_fetch(d->bus, &error, &leases, "ListLeases", "t", UINT64_C(0)) < 0) {
                doctor_add(d, VERDICT_SKIPPED, NULL, "Without %s nothing is known about the guests' names",
                                !d->properties                    ? "the service" :
                                client_error_is_an_answer(&error) ? "the lease directory" :
                                                                    "the service's answer");
                return;
        }
        report_refused(d, leases);
        report_clones(d, leases);
        if (d->n_findings == 0)
                doctor_add(d, VERDICT_OK, NULL, "No guest's name is refused; leases: %zu",
                                json_array_size(leases));
}

/* ---- guests without a lease ---- */

/* When the domain's last lease ends: INT64_MAX: never; 0: it never had one. */
static int64_t domain_expiry(const DomainMacs *domain, const BindingList *leases) {
        int64_t last = 0;

        for (size_t i = 0; i < leases->n_bindings; i++) {
                const Binding *l = leases->bindings + i;

                for (size_t k = 0; l->has_mac && k < domain->n_macs; k++)
                        if (memcmp(&domain->macs[k], &l->mac, sizeof(MacAddress)) == 0)
                                last = MAX2(last, l->expiry == 0 ? INT64_MAX : l->expiry);
        }
        return last;
}

/* ---- guests as the service lists them ---- */

/* Returns the reply of ListGuests(), or an empty array if there is none. */
static json_t *ask_guests(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        json_t *guests;

        if (!d->properties || client_fetch(d->bus, &error, &guests, "ListGuests", "") < 0)
                return json_array();
        return guests;
}

static bool is_text(const json_t *object, const char *key, const char *text) {
        return strcmp(json_text(object, key) ?: "", text) == 0;
}

/* Whether the service answers an address of one of the domain's network cards on that bridge. */
static bool has_address(const json_t *guests, const char *domain, const char *bridge) {
        const json_t *guest;
        size_t i;

        json_array_foreach(guests, i, guest)
                if (is_text(guest, "domain", domain) && is_text(guest, "interface", bridge) &&
                                !json_text(guest, "reason"))
                        return true;
        return false;
}

static bool has_tap(const json_t *guests, const char *tap) {
        const json_t *guest;
        size_t i;

        json_array_foreach(guests, i, guest)
                if (is_text(guest, "tap", tap))
                        return true;
        return false;
}

static bool has_lease_file(int dirfd, const char *bridge) {
        char name[NAME_MAX + 8];

        (void) snprintf(name, sizeof(name), "%.*s.status", NAME_MAX, bridge);
        return faccessat(dirfd, name, F_OK, 0) >= 0;
}

/* Whether a network card is on a network with DHCP: those check_domains() explains. */
static bool asks_libvirt(int dirfd, const json_t *guest) {
        const char *type = json_text(guest, "type"), *interface = json_text(guest, "interface");

        if (type && strcmp(type, "network") != 0)
                return false;
        return interface ? has_lease_file(dirfd, interface) : !type;
}

/* Reports why no address is answered for a network card outside libvirt's networks with DHCP. */
static void check_guest(Doctor *d, int dirfd, const json_t *guest) {
        char label[GUEST_LABEL_SIZE], command[TEXT_NAME_SIZE + 32];
        const char *reason = json_text(guest, "reason");

        if (!reason || asks_libvirt(dirfd, guest))
                return;
        if (guest_ssh_command(guest, command, sizeof(command)))
                doctor_add(d, VERDICT_SKIPPED, command,
                                "%s has no address that the host reaches, but a port of the host",
                                guest_label(guest, label, sizeof(label)));
        else
                doctor_add(d, VERDICT_WARNING, guest_advice(guest) ?: "For details: libvirt-resolve guests",
                                "%s has no name here: %s", guest_label(guest, label, sizeof(label)), reason);
}

/* ---- guests in the lease directory ---- */

/* Reports that a domain has no lease, and the known reason. */
static void check_domain(Doctor *d, const DomainMacs *domain, const BindingList *leases, const char *bridge) {
        int64_t expiry = domain_expiry(domain, leases), now = time(NULL);
        char ago[SPAN_TEXT_MAX];

        if (expiry > now)
                return;
        if (expiry > 0)
                doctor_add(d, VERDICT_WARNING,
                                "It has stopped asking: its network is down, or it has another address now. "
                                "To see its addresses:\n"
                                "virsh domifaddr --source agent DOMAIN",
                                "The lease of the domain '%s' on %s expired %s", domain->domain, bridge,
                                span_format_ago(usec_from_seconds(expiry), usec_from_seconds(now), ago));
        else
                doctor_add(d, VERDICT_WARNING,
                                "It is still starting, has a static address, or asks for none. "
                                "To see its addresses:\n"
                                "virsh domifaddr --source agent DOMAIN\n"
                                "To give a static address a name: libvirt-resolve bridged enable",
                                "The domain '%s' on %s has no DHCP lease", domain->domain, bridge);
}

static int read_leases(int dirfd, const char *bridge, BindingList **ret) {
        _cleanup_(freep) char *data = NULL;
        char name[NAME_MAX + 8];
        DocumentError error;
        size_t size;
        int r;

        (void) snprintf(name, sizeof(name), "%s.status", bridge);
        r = file_contents_read(dirfd, name, &data, &size, &error);
        return r < 0 ? r : status_file_parse(data, size, ret, &error);
}

/* Checks the domains of a network that have a MAC address but no lease. */
static void check_domains(Doctor *d, int dirfd, const char *file, const json_t *guests) {
        _cleanup_(binding_list_freep) BindingList *leases = NULL;
        _cleanup_(mac_map_freep) MacMap *macs = NULL;
        _cleanup_(freep) char *data = NULL;
        char bridge[NAME_MAX + 1];
        DocumentError error;
        size_t size;

        (void) snprintf(bridge, sizeof(bridge), "%.*s", (int) (strlen(file) - strlen(".macs")), file);
        if (file_contents_read(dirfd, file, &data, &size, &error) < 0 ||
                        macs_file_parse(data, size, &macs, &error) < 0 ||
                        read_leases(dirfd, bridge, &leases) < 0)
                return;
        for (size_t i = 0; i < macs->n_domains; i++)
                if (!has_address(guests, macs->domains[i].domain, bridge))
                        check_domain(d, macs->domains + i, leases, bridge);
}

#define SEE_ADVICE                                                                                           \
        "To see its address: virsh domifaddr --source agent GUEST\n"                                         \
        "To reach it over VSOCK, with libvirt 10.3 or newer: ssh USER@qemu/GUEST"

/* Reports an interface that libvirt made for a guest, and which is on no bridge. */
static void add_apart(Doctor *d, const char *where, const char *name) {
        doctor_add(d, VERDICT_WARNING,
                        "It has a name with another network card, on a bridge: virsh attach-interface GUEST "
                        "network default\n" SEE_ADVICE,
                        "A guest is connected %s (%s), so it has no lease here", where, name);
}

/* Reports interfaces that libvirt makes for guests, on bridges that aren't its networks'. */
static void check_interface(Doctor *d, int dirfd, const char *name) {
        char path[PATH_MAX], master[PATH_MAX];
        const char *bridge;
        ssize_t n;

        if (strncmp(name, "macvtap", 7) == 0) {
                add_apart(d, "directly", name);
                return;
        }
        if (strncmp(name, "vnet", 4) != 0)
                return;
        (void) snprintf(path, sizeof(path), "/sys/class/net/%s/master", name);
        n = readlink(path, master, sizeof(master) - 1);
        if (n < 0)
                return;
        master[n] = '\0';
        bridge = strrchr(master, '/') ? strrchr(master, '/') + 1 : master;
        if (strcmp(bridge, "ovs-system") == 0) {
                add_apart(d, "to an Open vSwitch", name);
                return;
        }
        if (!has_lease_file(dirfd, bridge))
                doctor_add(d, VERDICT_WARNING,
                                "Its DHCP server isn't libvirt's. To give it a name: libvirt-resolve bridged "
                                "enable\n" SEE_ADVICE,
                                "A guest is on the bridge %s (%s), which is no network of libvirt's: it has "
                                "no lease here",
                                bridge, name);
}

static void check_interfaces(Doctor *d, int dirfd, const json_t *guests) {
        DIR *directory = opendir("/sys/class/net");
        struct dirent *entry;

        while (directory && (entry = readdir(directory)))
                if (!has_tap(guests, entry->d_name))
                        check_interface(d, dirfd, entry->d_name);
        if (directory)
                closedir(directory);
}

static void check_session(Doctor *d) {
        size_t n = session_count_guests();

        if (n > 0)
                doctor_add(d, VERDICT_SKIPPED,
                                "A guest of qemu:///system has a name; on a network of the system's libvirt, "
                                "one of a session has its hostname",
                                "%zu %s in your own session (qemu:///session), which the host's services "
                                "can't ask",
                                n, n == 1 ? "guest runs" : "guests run");
}

void check_guests(Doctor *d) {
        DIR *directory = d->no_directory ? NULL : opendir(doctor_lease_directory(d));
        _cleanup_(json_decrefp) json_t *guests = ask_guests(d);
        struct dirent *entry;
        const json_t *guest;
        size_t i;

        check_session(d);
        json_array_foreach(guests, i, guest)
                check_guest(d, directory ? dirfd(directory) : -EBADF, guest);
        if (!directory && d->n_findings > 0)
                return;
        if (!directory) {
                doctor_add(d, VERDICT_SKIPPED, NULL,
                                "Without the lease directory nothing is known about guests");
                return;
        }
        while ((entry = readdir(directory)))
                if (doctor_has_suffix(entry->d_name, ".macs"))
                        check_domains(d, dirfd(directory), entry->d_name, guests);
        check_interfaces(d, dirfd(directory), guests);
        closedir(directory);
        if (d->n_findings == 0)
                doctor_add(d, VERDICT_OK, NULL, "No guest was seen that has no lease");
}
