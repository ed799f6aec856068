/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks on libvirt's files: can the service read the directory and each file, and are they
 * valid?
 */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/service-client.h"
#include "source/file-contents.h"
#include "source/macs-file.h"
#include "source/status-file.h"

static const char advice_policy[] = "Look for denials of SELinux or AppArmor:\n"
                                    "journalctl -b -u libvirt-resolved; ausearch -m avc -ts today";

/* ---- modes ---- */

/* Holds a command that lets everybody read a path. */
typedef char Advice[PATH_MAX + 64];

/* Whether everybody has the permissions in bits.  If not, describes the mode in reason, and how to change it
 * in advice. */
static bool all_may(const char *path, mode_t bits, const char *change, char *reason, size_t size,
                Advice advice) {
        struct stat st;

        if (stat(path, &st) < 0 || (st.st_mode & bits) == bits)
                return true;
        (void) snprintf(reason, size, "%s has the mode %04o, and belongs to uid %u", path,
                        st.st_mode & 07777U, st.st_uid);
        (void) snprintf(advice, sizeof(Advice), "Fix it with: chmod %s %s", change, path);
        return false;
}

/* The same for a directory and all its parents. */
static bool all_may_list(const char *path, char *reason, size_t size, Advice advice) {
        char above[PATH_MAX];

        if ((size_t) snprintf(above, sizeof(above), "%s", path) >= sizeof(above))
                return true;
        for (char *slash = above; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                if (!all_may(above, S_IXOTH, "a+x", reason, size, advice))
                        return false;
                *slash = '/';
        }
        return all_may(path, S_IROTH | S_IXOTH, "a+rx", reason, size, advice);
}

/* ---- the directory ---- */

/* The errno of opening the directory, or 0. */
static int directory_error(const char *path) {
        DIR *directory = opendir(path);

        if (!directory)
                return errno;
        closedir(directory);
        return 0;
}

/* Reports what the service says about the directory: it may be inaccessible to the service alone. */
static bool service_reads_directory(Doctor *d, const char *path) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *networks = NULL;
        char reason[PATH_MAX + 64];
        Advice advice;

        if (!d->properties || client_fetch(d->bus, &error, &networks, "ListNetworks", "") >= 0)
                return true;
        if (client_error_is_an_answer(&error) && !all_may_list(path, reason, sizeof(reason), advice))
                doctor_add(d, VERDICT_FAILURE, advice, "The service can't read the lease directory: %s",
                                reason);
        else
                doctor_add(d, VERDICT_FAILURE, advice_policy, "%s", error.message ?: error.name);
        return false;
}

static void report_directory(Doctor *d, const char *path, int error) {
        char reason[PATH_MAX + 64];
        Advice advice;

        if (error == ENOENT)
                doctor_add(d, VERDICT_FAILURE,
                                "libvirt makes it when its first network starts: virsh net-start default",
                                "The lease directory %s doesn't exist (yet): %s", path, strerror(error));
        else if (!all_may_list(path, reason, sizeof(reason), advice))
                doctor_add(d, VERDICT_FAILURE, advice, "The lease directory can't be read (%s): %s",
                                strerror(error), reason);
        else
                doctor_add(d, VERDICT_FAILURE, advice_policy, "The lease directory %s can't be read: %s",
                                path, strerror(error));
}

void check_directory(Doctor *d) {
        const char *path = doctor_lease_directory(d);
        int error = directory_error(path);

        d->no_directory = true;
        if (error != 0) {
                report_directory(d, path, error);
                return;
        }
        if (!service_reads_directory(d, path))
                return;
        d->no_directory = false;
        if (!doctor_is_same(path, LEASE_DIRECTORY))
                doctor_add(d, VERDICT_WARNING,
                                "Take --lease-directory= out of the service's options, or build the modules "
                                "for it.",
                                "The service reads %s, but the NSS modules know " LEASE_DIRECTORY " only",
                                path);
        else
                doctor_add(d, VERDICT_OK, NULL, "The lease directory is %s", path);
}

/* ---- the files ---- */

static void report_problems(Doctor *d, const char *name, const Problems *problems) {
        for (size_t i = 0; i < MIN2(problems->n_problems, (size_t) DOCUMENT_PROBLEMS_MAX); i++) {
                char text[256];

                doctor_add(d, VERDICT_WARNING, NULL, "%s: %s", name,
                                problem_format(problems->described + i, text, sizeof(text)));
        }
}

/* Reads a document the way the service does. */
static void check_file(Doctor *d, int dirfd, const char *name) {
        _cleanup_(binding_list_freep) BindingList *leases = NULL;
        _cleanup_(mac_map_freep) MacMap *macs = NULL;
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        size_t size;
        int r;

        r = file_contents_read(dirfd, name, &data, &size, &error);
        if (r == -ENOENT) /* removed in the meantime */
                return;
        if (r < 0) {
                doctor_add(d, VERDICT_FAILURE, "Everybody must be able to read it: mode 0644.",
                                "%s can't be read: %s", name, error.text);
                return;
        }
        r = doctor_has_suffix(name, ".status") ? status_file_parse(data, size, &leases, &error) :
                                                 macs_file_parse(data, size, &macs, &error);
        if (r < 0)
                doctor_add(d, VERDICT_FAILURE,
                                "libvirt writes it again at the next lease, or: virsh net-destroy, virsh "
                                "net-start",
                                "%s isn't valid (line %i): %s", name, error.line, error.text);
        else
                report_problems(d, name, leases ? &leases->problems : &macs->problems);
}

/* Reports files that the service couldn't read although we could: by file if the mode is the cause. */
static void check_modes(Doctor *d, const char *interface, const char *error) {
        static const char *const suffixes[] = { "status", "macs" };
        char reason[PATH_MAX + 64], path[PATH_MAX];
        Advice advice;

        for (size_t i = 0; i < ELEMENTS(suffixes); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s.%s", doctor_lease_directory(d), interface,
                                suffixes[i]);
                if (all_may(path, S_IROTH, "a+r", reason, sizeof(reason), advice))
                        continue;
                doctor_add(d, VERDICT_FAILURE, advice, "The service can't read a file: %s", reason);
                return;
        }
        doctor_add(d, VERDICT_FAILURE, advice_policy, "The service reports for %s: %s", interface, error);
}

static void check_networks(Doctor *d) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_decrefp) json_t *networks = NULL;
        const json_t *network;
        size_t i;

        if (!d->properties || client_fetch(d->bus, &error, &networks, "ListNetworks", "") < 0)
                return;
        json_array_foreach(networks, i, network)
                if (json_text(network, "error"))
                        check_modes(d, json_text(network, "interface") ?: "?", json_text(network, "error"));
}

void check_files(Doctor *d) {
        DIR *directory = d->no_directory ? NULL : opendir(doctor_lease_directory(d));
        struct dirent *entry;
        unsigned n = 0;

        if (!directory) {
                doctor_add(d, VERDICT_SKIPPED, NULL, "Without the lease directory there are no lease files");
                return;
        }
        while ((entry = readdir(directory)))
                if (doctor_has_suffix(entry->d_name, ".status") ||
                                doctor_has_suffix(entry->d_name, ".macs")) {
                        check_file(d, dirfd(directory), entry->d_name);
                        n++;
                }
        closedir(directory);
        if (d->n_findings == 0)
                check_networks(d);
        if (d->n_findings > 0)
                return;
        if (n == 0)
                doctor_add(d, VERDICT_WARNING, "Start one: virsh net-start default",
                                "No network of libvirt has ever been started");
        else
                doctor_add(d, VERDICT_OK, NULL, "All lease files are valid (%u)", n);
}
