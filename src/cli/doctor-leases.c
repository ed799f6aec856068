/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks on what names come from: the lease directory, its files, the
 * index made of them, refused names, and guests that have no lease.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "source/file-contents.h"
#include "source/status-file.h"
#include "source/macs-file.h"
#include "index/reader.h"
#include "cli/service-client.h"
#include "cli/doctor.h"
#include "cli/json.h"
#include "util/text.h"

static bool has_suffix(const char *name, const char *suffix) {
        size_t n = strlen(name), k = strlen(suffix);

        return n > k && strcmp(name + n - k, suffix) == 0;
}

/* Whether two paths lead to the same thing. */
static bool is_same(const char *path, const char *other) {
        struct stat st, other_st;

        return stat(path, &st) >= 0 && stat(other, &other_st) >= 0 && st.st_dev == other_st.st_dev &&
                        st.st_ino == other_st.st_ino;
}

/* ---- the directory ---- */

static bool directory_is_readable(const char *path, int *ret_errno) {
        DIR *directory = opendir(path);

        *ret_errno = errno;
        if (!directory)
                return false;
        closedir(directory);
        return true;
}

/* What the service says of the directory, which may be denied to it alone. */
static bool service_reads_directory(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *leases = NULL;

        if (!d->properties || client_fetch(d->bus, &error, &leases, "ListLeases", "t", UINT64_C(0)) >= 0)
                return true;
        doctor_say(d, VERDICT_FAILURE,
                        "Look for denials of SELinux or AppArmor, and at the modes of the directories above it:\n"
                        "journalctl -b -u libvirt-resolved; ausearch -m avc -ts today",
                        "%s", error.message ?: error.name);
        return false;
}

void check_directory(Doctor *d) {
        const char *path = doctor_lease_directory(d);
        int error;

        if (!directory_is_readable(path, &error)) {
                doctor_say(d, VERDICT_FAILURE,
                                error == ENOENT ? "libvirt makes it when its first network starts: virsh net-start default" :
                                                  "Everybody must be able to read it: chmod a+rx on it, and those above it",
                                "The lease directory %s can't be read: %s", path, strerror(error));
                return;
        }
        if (!service_reads_directory(d))
                return;
        if (!is_same(path, LEASE_DIRECTORY))
                doctor_say(d, VERDICT_WARNING,
                                "Take --lease-directory= out of the service's options, or build the modules for it.",
                                "The service reads %s, but the NSS modules know " LEASE_DIRECTORY " only", path);
        else
                doctor_say(d, VERDICT_OK, NULL, "The lease directory is %s", path);
}

/* ---- the files ---- */

static void say_problems(Doctor *d, const char *name, const Problems *problems) {
        for (size_t i = 0; i < MIN2(problems->n_problems, (size_t) DOCUMENT_PROBLEMS_MAX); i++) {
                char text[256];

                doctor_say(d, VERDICT_WARNING, NULL, "%s: %s", name,
                                problem_format(problems->described + i, text, sizeof(text)));
        }
}

/* Reads a document as the service does. */
static void check_file(Doctor *d, int dirfd, const char *name) {
        _cleanup_(binding_list_freep) BindingList *leases = NULL;
        _cleanup_(mac_map_freep) MacMap *macs = NULL;
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        size_t size;
        int r;

        r = file_contents_read(dirfd, name, &data, &size, &error);
        if (r == -ENOENT) /* gone in the meantime */
                return;
        if (r < 0) {
                doctor_say(d, VERDICT_FAILURE, "It must be a file that everybody can read (mode 0644).",
                                "%s can't be read: %s", name, error.text);
                return;
        }
        r = has_suffix(name, ".status") ? status_file_parse(data, size, &leases, &error) :
                                          macs_file_parse(data, size, &macs, &error);
        if (r < 0)
                doctor_say(d, VERDICT_FAILURE, "libvirt writes it again at the next lease, or: virsh net-destroy, virsh net-start",
                                "%s isn't valid (line %i): %s", name, error.line, error.text);
        else
                say_problems(d, name, leases ? &leases->problems : &macs->problems);
}

/* What the service couldn't read although we could. */
static void check_networks(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *networks = NULL;
        const json_t *network;
        size_t i;

        if (!d->properties || client_fetch(d->bus, &error, &networks, "ListNetworks", "") < 0)
                return;
        json_array_foreach(networks, i, network)
                if (json_text(network, "error"))
                        doctor_say(d, VERDICT_FAILURE, "Look for denials of SELinux or AppArmor: ausearch -m avc -ts today",
                                        "The service says of %s: %s", json_text(network, "interface"),
                                        json_text(network, "error"));
}

void check_files(Doctor *d) {
        DIR *directory = opendir(doctor_lease_directory(d));
        struct dirent *entry;
        unsigned n = 0;

        if (!directory) {
                doctor_say(d, VERDICT_SKIPPED, NULL, "Without the directory there are no lease files");
                return;
        }
        while ((entry = readdir(directory)))
                if (has_suffix(entry->d_name, ".status") || has_suffix(entry->d_name, ".macs")) {
                        check_file(d, dirfd(directory), entry->d_name);
                        n++;
                }
        closedir(directory);
        if (d->n_findings == 0)
                check_networks(d);
        if (d->n_findings > 0)
                return;
        if (n == 0)
                doctor_say(d, VERDICT_WARNING, "virsh net-start default", "No network of libvirt has ever been started");
        else
                doctor_say(d, VERDICT_OK, NULL, "All lease files are valid (%u)", n);
}

/* ---- the index ---- */

/* A change is published when the directory has been quiet for so long. */
#define PUBLISH_PATIENCE_MSEC 2000
#define PUBLISH_STEP_MSEC 100

/* Where the modules look. */
#define INDEX_PATH RUNTIME_DIRECTORY "/" INDEX_FILE_NAME

typedef enum IndexHealth {
        HEALTH_CURRENT,
        HEALTH_STALE,
        HEALTH_FAILED,
        HEALTH_ABSENT,
} IndexHealth;

/* Returns an IndexHealth or a negative errno. */
static int index_health(const char *path, const char *lease_directory) {
        _cleanup_(closep) int fd = -1;
        struct stat st;
        IndexMeta meta;
        Index index;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        r = index_load(fd, &index);
        if (r < 0)
                return r;
        meta = index_meta(&index);
        if (meta.state == INDEX_FAILED)
                return HEALTH_FAILED;
        if (stat(lease_directory, &st) < 0)
                return meta.state == INDEX_ABSENT ? HEALTH_ABSENT : HEALTH_STALE;
        return index_is_current(&meta, &st) ? HEALTH_CURRENT : HEALTH_STALE;
}

/* The same, some time being given to a service that is about to publish. */
static int index_health_soon(Doctor *d, const char *path) {
        int health = index_health(path, doctor_lease_directory(d));

        for (int i = 0; i < PUBLISH_PATIENCE_MSEC / PUBLISH_STEP_MSEC && (health == HEALTH_STALE || health == -ENOENT) &&
                        d->properties;
                        i++) {
                (void) usleep(PUBLISH_STEP_MSEC * 1000);
                health = index_health(path, doctor_lease_directory(d));
        }
        return health;
}

static void say_current(Doctor *d, const char *path) {
        if (!is_same(path, INDEX_PATH))
                doctor_say(d, VERDICT_WARNING,
                                "Lookups ask the service on the bus instead, which is slower. Take --runtime-directory= out\n"
                                "of the service's options, or build the modules for it.",
                                "The service publishes %s, but the NSS modules know " INDEX_PATH " only", path);
        else
                doctor_say(d, VERDICT_OK, NULL, "The index %s is current", path);
}

void check_index(Doctor *d) {
        static const char slow[] = "Lookups ask the service on the bus instead, which is slower.\n"
                                   "See: journalctl -b -u libvirt-resolved";
        const char *path = json_text(d->properties, "IndexFile") ?: INDEX_PATH;
        int health = index_health_soon(d, path);

        if (health == HEALTH_CURRENT)
                say_current(d, path);
        else if (health == HEALTH_FAILED)
                doctor_say(d, VERDICT_FAILURE, "See why: journalctl -b -u libvirt-resolved",
                                "The service couldn't start, and said so in the index");
        else if (health == HEALTH_ABSENT)
                doctor_say(d, VERDICT_WARNING, NULL, "The index has no names, as there is no lease directory");
        else if (health == HEALTH_STALE)
                doctor_say(d, d->properties ? VERDICT_WARNING : VERDICT_FAILURE, slow,
                                "The index %s is older than the lease directory", path);
        else if (health == -EACCES)
                doctor_say(d, VERDICT_FAILURE, "Everybody must be able to read it: is its directory's mode 0755?",
                                "The index %s can't be read by this user", path);
        else
                doctor_say(d, d->properties ? VERDICT_WARNING : VERDICT_FAILURE, slow,
                                "The index %s can't be used: %s", path,
                                health == -EBADMSG ? "it is damaged, or of another version" : strerror(-health));
}

/* ---- names that are refused ---- */

void check_names(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *leases = NULL;
        const json_t *lease;
        size_t i;

        if (!d->properties || client_fetch(d->bus, &error, &leases, "ListLeases", "t", UINT64_C(0)) < 0) {
                doctor_say(d, VERDICT_SKIPPED, NULL, "Without the service nothing is known about the guests' names");
                return;
        }
        json_array_foreach(leases, i, lease)
                if (json_text(lease, "refused") && !json_is_true(json_object_get(lease, "superseded")))
                        doctor_say(d, VERDICT_WARNING, NULL, "Refused for %s: %s", json_text(lease, "address"),
                                        json_text(lease, "refused"));
        if (d->n_findings == 0)
                doctor_say(d, VERDICT_OK, NULL, "No guest's name is refused; leases: %zu", json_array_size(leases));
}

/* ---- guests without a lease ---- */

static bool domain_has_lease(const DomainMacs *domain, const BindingList *leases) {
        int64_t now = time(NULL);

        for (size_t i = 0; i < leases->n_bindings; i++) {
                const Binding *l = leases->bindings + i;

                if (!l->has_mac || binding_expired(l->expiry, now))
                        continue;
                for (size_t k = 0; k < domain->n_macs; k++)
                        if (memcmp(&domain->macs[k], &l->mac, sizeof(MacAddress)) == 0)
                                return true;
        }
        return false;
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

/* The domains of a network that have a MAC address and no lease. */
static void check_domains(Doctor *d, int dirfd, const char *file) {
        _cleanup_(binding_list_freep) BindingList *leases = NULL;
        _cleanup_(mac_map_freep) MacMap *macs = NULL;
        _cleanup_(freep) char *data = NULL;
        char bridge[NAME_MAX + 1];
        DocumentError error;
        size_t size;

        (void) snprintf(bridge, sizeof(bridge), "%.*s", (int) (strlen(file) - strlen(".macs")), file);
        if (file_contents_read(dirfd, file, &data, &size, &error) < 0 || macs_file_parse(data, size, &macs, &error) < 0 ||
            read_leases(dirfd, bridge, &leases) < 0)
                return;
        for (size_t i = 0; i < macs->n_domains; i++)
                if (!domain_has_lease(macs->domains + i, leases))
                        doctor_say(d, VERDICT_WARNING,
                                        "It is still starting, has a static address, or asks for none. What it has:\n"
                                        "virsh domifaddr --source agent DOMAIN     (or --source arp)",
                                        "The domain '%s' on %s has no DHCP lease", macs->domains[i].domain, bridge);
}

/* What libvirt makes for a guest's interface, on a bridge that isn't one of its networks'. */
static void check_interface(Doctor *d, int dirfd, const char *name) {
        static const char advice[] =
                        "Its DHCP server isn't libvirt's. What shows its address:\n"
                        "virsh domifaddr --source agent GUEST     (or --source arp)\n"
                        "What reaches it over VSOCK, with libvirt 10.3 or newer: ssh USER@qemu/GUEST";
        char path[PATH_MAX], master[PATH_MAX], status[NAME_MAX + 8];
        const char *bridge;
        ssize_t n;

        if (strncmp(name, "macvtap", 7) == 0) {
                doctor_say(d, VERDICT_WARNING, advice, "A guest is connected directly (%s), so it has no lease here", name);
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
        (void) snprintf(status, sizeof(status), "%.*s.status", NAME_MAX, bridge);
        if (faccessat(dirfd, status, F_OK, 0) < 0)
                doctor_say(d, VERDICT_WARNING, advice,
                                "A guest is on the bridge %s (%s), which is no network of libvirt's: it has no lease here",
                                bridge, name);
}

static void check_interfaces(Doctor *d, int dirfd) {
        DIR *directory = opendir("/sys/class/net");
        struct dirent *entry;

        while (directory && (entry = readdir(directory)))
                check_interface(d, dirfd, entry->d_name);
        if (directory)
                closedir(directory);
}

void check_guests(Doctor *d) {
        DIR *directory = opendir(doctor_lease_directory(d));
        struct dirent *entry;

        if (!directory) {
                doctor_say(d, VERDICT_SKIPPED, NULL, "Without the lease directory nothing is known about guests");
                return;
        }
        while ((entry = readdir(directory)))
                if (has_suffix(entry->d_name, ".macs"))
                        check_domains(d, dirfd(directory), entry->d_name);
        check_interfaces(d, dirfd(directory));
        closedir(directory);
        if (d->n_findings == 0)
                doctor_say(d, VERDICT_OK, NULL, "No guest was seen that has no lease");
}
