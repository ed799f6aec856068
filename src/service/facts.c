/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The helpers' files.  A helper replaces a file by rename, so the file's stat signature identifies a version.
 */

#include "service/facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "index/reader.h"
#include "service/log.h"
#include "source/file-contents.h"
#include "util/utf8.h"

#define NETWORKS_FILE "networks.json"
#define DOMAINS_FILE "domains.json"
#define SEEN_SUFFIX ".json"

/* A proof newer by less than this (in seconds) is no change: otherwise each proof would cause a new index. */
#define RENEWAL_SEC 600

/* The state of reading one file. */
typedef struct FactsReading {
        StatSignature signature; /* of the file; all 0: it didn't exist */
        bool reported;           /* the log has its current error */
} FactsReading;

typedef struct SeenFile {
        SeenBridge bridge; /* its list is NULL until a valid file was read */
        FactsReading reading;
        bool listed;
} SeenFile;

struct Facts {
        FactsDirectory *domains, *seen;
        int changed; /* since facts_refresh() last succeeded */
        NetworkSuffixes networks;
        FactsReading networks_reading;
        NicList *nics;
        FactsReading nics_reading;

        size_t n_files;
        SeenFile *files;     /* by bridge */
        SeenBridge *bridges; /* the bridges of files with a list */
        size_t n_bridges;
        bool ignores_files;
};

/* ---- reading a file ---- */

static void report_error(FactsReading *reading, const char *path, const char *text) {
        if (!reading->reported)
                log_warning("%s: %s; its last valid reading stays in force.", path, text);
        reading->reported = true;
}

static void report_problems(const char *path, const Problems *problems) {
        char text[256];

        for (size_t i = 0; i < MIN2(problems->n_problems, DOCUMENT_PROBLEMS_MAX); i++)
                log_notice("%s: %s.", path, problem_format(problems->described + i, text, sizeof(text)));
}

/* A parser that stores its result in target.  Returns 1 if the facts changed, 0 if not; -EBADMSG and -ENOMEM
 * as a parser. */
typedef int (*TakeFunc)(void *target, const char *path, const char *data, size_t size, DocumentError *error);

/* Reads and parses a file, or reports why that failed.  Returns as TakeFunc. */
static int reading_take(FactsReading *reading, const char *path, TakeFunc take, void *target) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error = { 0 };
        size_t size = 0;
        int r;

        r = file_contents_read(AT_FDCWD, path, &data, &size, &error);
        if (r >= 0)
                r = take(target, path, data, size, &error);
        if (r < 0 && r != -ENOENT && !file_error_is_shortage(r))
                report_error(reading, path, error.text);
        else
                reading->reported = false;
        return r;
}

/* Reads a file if it isn't the one read last.  gone: called if the file doesn't exist any more.  Returns 1 if
 * that changed the facts, 0, or a negative errno if there is no memory or descriptor.  *again: set if the
 * file can't be read now, and must be tried again. */
static int reading_refresh(FactsReading *reading, const char *path, TakeFunc take, int (*gone)(void *),
                void *target, bool *again) {
        StatSignature signature = { 0 };
        struct stat st;
        int r;

        if (stat(path, &st) >= 0)
                stat_signature(&st, &signature);
        else if (errno != ENOENT && errno != ENOTDIR) {
                report_error(reading, path, strerror(errno));
                *again = true;
                return 0;
        }
        if (memcmp(&signature, &reading->signature, sizeof(signature)) == 0)
                return 0;
        r = signature.inode == 0 ? gone(target) : reading_take(reading, path, take, target);
        if (file_error_is_shortage(r))
                return r;
        if (r < 0 && r != -EBADMSG && r != -ENOENT && !file_error_lasts(r))
                *again = true;
        else
                reading->signature = signature;
        return MAX2(r, 0);
}

/* ---- networks.json ---- */

static int take_networks(void *target, const char *path, const char *data, size_t size,
                DocumentError *error) {
        NetworkSuffixes networks = { 0 };
        Facts *f = target;
        int r;

        r = networks_file_parse(data, size, &networks, error);
        if (r < 0)
                return r;
        report_problems(path, &networks.problems);
        network_suffixes_done(&f->networks);
        f->networks = networks;
        return 1;
}

static int drop_networks(void *target) {
        Facts *f = target;
        bool had = f->networks.n > 0;

        network_suffixes_done(&f->networks);
        return had;
}

/* ---- domains.json ---- */

static int take_nics(void *target, const char *path, const char *data, size_t size, DocumentError *error) {
        NicList *nics = NULL;
        Facts *f = target;
        int r;

        r = domains_file_parse(data, size, &nics, error);
        if (r < 0)
                return r;
        report_problems(path, &nics->problems);
        nic_list_free(f->nics);
        f->nics = nics;
        return 1;
}

static int drop_nics(void *target) {
        Facts *f = target;
        bool had = f->nics;

        f->nics = nic_list_free(f->nics);
        return had;
}

/* The path of a file of libvirt-resolve-domains. */
static bool domains_path(const Facts *f, const char *name, char path[static PATH_MAX]) {
        return snprintf(path, PATH_MAX, "%s/%s", facts_directory_path(f->domains), name) < PATH_MAX;
}

static int refresh_domains(Facts *f) {
        char path[PATH_MAX];
        bool again; /* unused: these two files are checked each time */
        int r;

        if (!domains_path(f, NETWORKS_FILE, path))
                return 0;
        r = reading_refresh(&f->networks_reading, path, take_networks, drop_networks, f, &again);
        if (r < 0)
                return r;
        f->changed |= r > 0 ? FACTS_NETWORKS : 0;
        if (!domains_path(f, DOMAINS_FILE, path))
                return 0;
        r = reading_refresh(&f->nics_reading, path, take_nics, drop_nics, f, &again);
        if (r < 0)
                return r;
        f->changed |= r > 0 ? FACTS_GUESTS : 0;
        return 0;
}

/* ---- BRIDGE.json ---- */

static bool text_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether both state the same, apart from a slightly newer proof. */
static bool seen_equal(const SeenAddress *a, const SeenAddress *b) {
        int64_t renewal = seen_address_end(b) - seen_address_end(a);

        return address_compare(&a->address, &b->address) == 0 &&
               memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0 && strcmp(a->tap, b->tap) == 0 &&
               a->first_seen == b->first_seen && a->contested == b->contested &&
               text_equal(a->refused, b->refused) && (a->confirmed == 0) == (b->confirmed == 0) &&
               renewal >= 0 && renewal < RENEWAL_SEC;
}

static bool seen_list_equal(const SeenList *a, const SeenList *b) {
        if (!a || a->n_addresses != b->n_addresses)
                return false;
        for (size_t i = 0; i < a->n_addresses; i++)
                if (!seen_equal(a->addresses + i, b->addresses + i))
                        return false;
        return true;
}

static int take_seen(void *target, const char *path, const char *data, size_t size, DocumentError *error) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        SeenFile *file = target;
        int r;

        r = seen_file_parse(data, size, &list, error);
        if (r < 0)
                return r;
        report_problems(path, &list->problems);
        if (seen_list_equal(file->bridge.list, list))
                return 0;
        seen_list_free((SeenList *) file->bridge.list);
        file->bridge.list = TAKE_PTR(list);
        return 1;
}

/* Does nothing: a removed file isn't listed. */
static int drop_seen(void *target) {
        return 0;
}

static void seen_file_done(SeenFile *file) {
        seen_list_free((SeenList *) file->bridge.list);
        *file = (SeenFile) { 0 };
}

static int file_compare(const void *a, const void *b) {
        return strcmp(((const SeenFile *) a)->bridge.interface, ((const SeenFile *) b)->bridge.interface);
}

/* Reads the bridge from a file's name: false if it isn't the name of a bridge's file. */
static bool file_bridge(const char *name, char interface[static INTERFACE_NAME_LENGTH_MAX + 1]) {
        size_t length = strlen(name), n_suffix = strlen(SEEN_SUFFIX);

        if (name[0] == '.' || length <= n_suffix || length - n_suffix > INTERFACE_NAME_LENGTH_MAX ||
                        strcmp(name + length - n_suffix, SEEN_SUFFIX) != 0)
                return false;
        memcpy(interface, name, length - n_suffix);
        interface[length - n_suffix] = '\0';
        return utf8_is_string(interface);
}

/* Marks the file of a bridge as listed; adds a new one. */
static int list_file(Facts *f, const char *interface) {
        SeenFile wanted = { 0 }, *found, *grown;

        (void) stpcpy(wanted.bridge.interface, interface);
        found = f->n_files > 0 ? bsearch(&wanted, f->files, f->n_files, sizeof(wanted), file_compare) : NULL;
        if (found) {
                found->listed = true;
                return 0;
        }
        if (f->n_files >= SEEN_BRIDGES_MAX) {
                if (!f->ignores_files)
                        log_warning("%s has files of more than %u bridges: the others are ignored.",
                                        facts_directory_path(f->seen), SEEN_BRIDGES_MAX);
                f->ignores_files = true;
                return 0;
        }
        grown = reallocarray(f->files, f->n_files + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        f->files = grown;
        wanted.listed = true;
        grown[f->n_files++] = wanted;
        qsort(f->files, f->n_files, sizeof(*f->files), file_compare);
        return 0;
}

/* Lists the directory.  Removed files lose their mark. */
static int list_files(Facts *f) {
        char interface[INTERFACE_NAME_LENGTH_MAX + 1];
        const struct dirent *entry;
        DIR *directory;
        int r = 0;

        directory = opendir(facts_directory_path(f->seen));
        if (!directory && errno == EACCES) {
                facts_directory_again(f->seen); /* the last readings stay in force */
                return 0;
        }
        for (size_t i = 0; i < f->n_files; i++)
                f->files[i].listed = false;
        if (!directory)
                return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
        while (r >= 0 && (entry = readdir(directory)))
                if (file_bridge(entry->d_name, interface))
                        r = list_file(f, interface);
        (void) closedir(directory);
        return r;
}

/* Drops removed files. */
static void drop_files(Facts *f) {
        size_t n = 0;

        for (size_t i = 0; i < f->n_files; i++) {
                if (f->files[i].listed) {
                        f->files[n++] = f->files[i];
                        continue;
                }
                if (f->files[i].bridge.list && f->files[i].bridge.list->n_addresses > 0)
                        f->changed |= FACTS_GUESTS;
                seen_file_done(f->files + i);
        }
        f->n_files = n;
}

static int set_bridges(Facts *f) {
        SeenBridge *bridges = calloc(f->n_files + 1, sizeof(*bridges));

        if (!bridges)
                return -ENOMEM;
        f->n_bridges = 0;
        for (size_t i = 0; i < f->n_files; i++)
                if (f->files[i].bridge.list)
                        bridges[f->n_bridges++] = f->files[i].bridge;
        free(f->bridges);
        f->bridges = bridges;
        return 0;
}

static int refresh_files(Facts *f) {
        bool again = false;
        int r;

        r = list_files(f);
        if (r < 0)
                return r;
        drop_files(f);
        for (size_t i = 0; i < f->n_files; i++) {
                char path[PATH_MAX];

                if (snprintf(path, sizeof(path), "%s/%s" SEEN_SUFFIX, facts_directory_path(f->seen),
                                    f->files[i].bridge.interface) >= (int) sizeof(path))
                        continue;
                r = reading_refresh(&f->files[i].reading, path, take_seen, drop_seen, f->files + i, &again);
                if (r < 0)
                        break;
                f->changed |= r > 0 ? FACTS_GUESTS : 0;
        }
        if (again)
                facts_directory_again(f->seen);
        /* Even after a failure: the bridges must not keep pointers to dropped lists. */
        if (set_bridges(f) < 0) {
                f->n_bridges = 0;
                return -ENOMEM;
        }
        return MIN2(r, 0);
}

static int refresh_seen(Facts *f) {
        int r;

        if (!facts_directory_has_changed(f->seen))
                return 0;
        r = refresh_files(f);
        if (r < 0)
                facts_directory_again(f->seen);
        return r;
}

/* ---- ---- */

int facts_refresh(Facts *f) {
        int r;

        r = refresh_domains(f);
        if (r >= 0)
                r = refresh_seen(f);
        if (r < 0)
                return r;
        r = f->changed;
        f->changed = 0;
        return r;
}

const NetworkSuffixes *facts_networks(const Facts *f) {
        return &f->networks;
}

const NicList *facts_nics(const Facts *f) {
        return f->nics;
}

const SeenBridge *facts_bridges(const Facts *f, size_t *ret_n) {
        *ret_n = f->n_bridges;
        return f->bridges;
}

int facts_new(sd_event *event, const char *domains_directory, const char *seen_directory,
                FactsChanged changed, void *userdata, Facts **ret) {
        _cleanup_(facts_freep) Facts *f = NULL;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        r = facts_directory_new(event, domains_directory, changed, userdata, &f->domains);
        if (r >= 0)
                r = facts_directory_new(event, seen_directory, changed, userdata, &f->seen);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(f);
        return 0;
}

Facts *facts_free(Facts *f) {
        if (!f)
                return NULL;
        facts_directory_free(f->domains);
        facts_directory_free(f->seen);
        network_suffixes_done(&f->networks);
        nic_list_free(f->nics);
        for (size_t i = 0; i < f->n_files; i++)
                seen_file_done(f->files + i);
        free(f->files);
        free(f->bridges);
        free(f);
        return NULL;
}

bool facts_have_guests(const Facts *facts) {
        size_t n_bridges = 0;

        return facts && (facts_nics(facts) || (facts_bridges(facts, &n_bridges), n_bridges > 0));
}
