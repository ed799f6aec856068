/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's check of the index: is it where the modules look for it, and current?
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"
#include "cli/json.h"
#include "index/reader.h"

/* How long to wait for the service to publish a change. */
#define PUBLISH_PATIENCE_MSEC 2000
#define PUBLISH_STEP_MSEC 100

/* Where the modules look for the index. */
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

/* The same, after waiting for a service that is about to publish. */
static int index_health_soon(Doctor *d, const char *path) {
        int health = index_health(path, doctor_lease_directory(d));

        for (int i = 0; i < PUBLISH_PATIENCE_MSEC / PUBLISH_STEP_MSEC &&
                        (health == HEALTH_STALE || health == -ENOENT) && d->properties;
                        i++) {
                (void) usleep(PUBLISH_STEP_MSEC * 1000);
                health = index_health(path, doctor_lease_directory(d));
        }
        return health;
}

static void report_current(Doctor *d, const char *path) {
        if (!doctor_is_same(path, INDEX_PATH))
                doctor_add(d, VERDICT_WARNING,
                                "Lookups ask the service on the bus instead, which is slower. Take "
                                "--runtime-directory= out\n"
                                "of the service's options, or build the modules for it.",
                                "The service publishes %s, but the NSS modules know " INDEX_PATH " only",
                                path);
        else
                doctor_add(d, VERDICT_OK, NULL, "The index %s is current", path);
}

void check_index(Doctor *d) {
        static const char slow[] = "Lookups ask the service on the bus instead, which is slower.\n"
                                   "See: journalctl -b -u libvirt-resolved";
        const char *path = json_text(d->properties, "IndexFile") ?: INDEX_PATH;
        int health = index_health_soon(d, path);

        if (health == HEALTH_CURRENT)
                report_current(d, path);
        else if (health == HEALTH_FAILED)
                doctor_add(d, VERDICT_FAILURE, "See why: journalctl -b -u libvirt-resolved",
                                "The service couldn't start, and said so in the index");
        else if (health == HEALTH_ABSENT)
                doctor_add(d, VERDICT_WARNING, NULL,
                                "The index has no names, as there is no lease directory");
        else if (health == HEALTH_STALE)
                doctor_add(d, d->properties ? VERDICT_WARNING : VERDICT_FAILURE, slow,
                                "The index %s is older than the lease directory", path);
        else if (health == -EACCES)
                doctor_add(d, VERDICT_FAILURE,
                                "Everybody must be able to read it: is its directory's mode 0755?",
                                "The index %s can't be read by this user", path);
        else
                doctor_add(d, d->properties ? VERDICT_WARNING : VERDICT_FAILURE, slow,
                                "The index %s can't be used: %s", path,
                                health == -EBADMSG ? "it is damaged, or of another version" :
                                                     strerror(-health));
}
