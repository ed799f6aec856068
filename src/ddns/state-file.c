/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The state file.
 */

#include "ddns/state-file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/json.h"
#include "ddns/update.h"
#include "service/log.h"

#define STATE_FILE "state.json"

static int write_all(int fd, const char *text, bool sync) {
        size_t n = strlen(text);

        while (n > 0) {
                ssize_t k = write(fd, text, n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                text += k;
                n -= (size_t) k;
        }
        return sync && fsync(fd) < 0 ? -errno : 0;
}

int file_replace(const char *directory, const char *name, const json_t *document, bool sync) {
        _cleanup_(closep) int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
        _cleanup_(freep) char *text = json_dumps(document, JSON_INDENT(1));
        char temporary[NAME_MAX];
        int r;

        if (dir < 0)
                return -errno;
        if (!text)
                return -ENOMEM;
        (void) snprintf(temporary, sizeof(temporary), "%s.new", name);
        fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        if (fchmod(fd, 0644) < 0) /* everybody may read it, whatever the umask */
                return -errno;
        r = write_all(fd, text, sync);
        if (r < 0)
                return r;
        if (renameat(dir, temporary, dir, name) < 0 || (sync && fsync(dir) < 0))
                return -errno;
        return 0;
}

/* The index of the configured zone with that name; -1: none. */
static int find_zone(const Config *c, const char *name) {
        for (size_t i = 0; name && i < c->selection.n_zones; i++)
                if (strcmp(c->selection.zones[i], name) == 0)
                        return (int) i;
        return -1;
}

/* Names in zones that aren't configured any more can't be removed: they are reported once. */
static int add_names(const Config *c, const json_t *names, Entries *e) {
        const json_t *zone;
        const char *owner;
        size_t lost = 0;
        int r;

        json_object_foreach((json_t *) names, owner, zone) {
                int i = find_zone(c, json_string_value(zone));

                if (i < 0)
                        lost++;
                if (i < 0 || e->n >= DDNS_NAMES_MAX || !owner_is_valid(owner))
                        continue;
                r = entries_add_recorded(e, owner, (size_t) i);
                if (r < 0)
                        return r;
        }
        if (lost > 0)
                log_warning("%zu names are in zones that aren't configured any more, and are kept; "
                            "libvirt-resolve-ddns --withdraw-host=%s removes them, with that --zone=.",
                                lost, c->host);
        return 0;
}

int state_parse(const Config *c, const json_t *document, Entries *e, uint32_t *ret_ttl) {
        if (!json_is_object(document))
                return -EBADMSG;
        *ret_ttl = (uint32_t) json_number(document, "ttl");
        return add_names(c, json_object_get(document, "names"), e);
}

int state_file_read(const Config *c, Entries *e, uint32_t *ret_ttl) {
        _cleanup_(json_decrefp) json_t *document = NULL;
        char path[PATH_MAX];
        json_error_t error;
        struct stat st;
        int r;

        *ret_ttl = 0;
        if (snprintf(path, sizeof(path), "%s/" STATE_FILE, c->state_directory) >= PATH_MAX)
                return -ENAMETOOLONG;
        if (stat(path, &st) < 0 && errno == ENOENT)
                return 0;
        if (st.st_size <= DDNS_STATE_FILE_MAX)
                document = json_load_file(path, 0, &error);
        r = state_parse(c, document, e, ret_ttl);
        if (r == -EBADMSG)
                log_error("%s can't be read (%s): this host's names in DNS aren't known. "
                          "Move it away, and run libvirt-resolve-ddns --withdraw-host=%s first.",
                                path, document ? "not an object" : "not JSON, or too large", c->host);
        return r;
}

int state_file_write(const Config *c, Entries *e) {
        _cleanup_(json_decrefp) json_t *names = json_object(), *document = NULL;
        int r;

        for (size_t i = 0; i < e->n; i++)
                if (json_object_set_new(names, e->entries[i]->owner,
                                    json_string(c->selection.zones[e->entries[i]->zone])) < 0)
                        return -ENOMEM;
        document = json_pack("{s:s, s:I, s:O}", "host", c->host, "ttl", (json_int_t) c->ttl, "names", names);
        if (!document)
                return -ENOMEM;
        r = file_replace(c->state_directory, STATE_FILE, document, true);
        if (r < 0)
                return r;
        for (size_t i = 0; i < e->n; i++)
                e->entries[i]->recorded = true;
        return 0;
}
