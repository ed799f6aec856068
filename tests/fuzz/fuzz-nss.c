/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lookups through the NSS modules' functions, in an index of any leases, with buffers of any size
 * that begin anywhere.  What the modules do with the outside comes here (--wrap): the index is a memfd, the
 * lease directory is as old as it or isn't, and behind the other door there is nobody.
 *
 * The input: what is asked, by which function, and into what; then leases.
 */

#include <assert.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <nss.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "bus-backend.h"
#include "input.h"
#include "index/writer.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NETWORKS 2U
#define LEASES_MAX 200U
#define ERRNO_BEFORE 4242
#define POISON 0xa5
#define BUFFER_MAX 10000U /* more than any answer takes */
#define ALIGN _Alignof(struct gaih_addrtuple)

nss_gethostbyaddr2_r _nss_libvirt_gethostbyaddr2_r, _nss_libvirt_guest_gethostbyaddr2_r;
nss_gethostbyaddr_r _nss_libvirt_gethostbyaddr_r, _nss_libvirt_guest_gethostbyaddr_r;
nss_gethostbyname2_r _nss_libvirt_gethostbyname2_r, _nss_libvirt_guest_gethostbyname2_r;
nss_gethostbyname3_r _nss_libvirt_gethostbyname3_r, _nss_libvirt_guest_gethostbyname3_r;
nss_gethostbyname4_r _nss_libvirt_gethostbyname4_r, _nss_libvirt_guest_gethostbyname4_r;
nss_gethostbyname_r _nss_libvirt_gethostbyname_r, _nss_libvirt_guest_gethostbyname_r;

typedef struct Module {
        NameVariant variant;
        nss_gethostbyaddr2_r *by_address2;
        nss_gethostbyaddr_r *by_address;
        nss_gethostbyname2_r *by_name2;
        nss_gethostbyname3_r *by_name3;
        nss_gethostbyname4_r *by_name4;
        nss_gethostbyname_r *by_name;
} Module;

static const Module modules[] = {
        { VARIANT_LEASE, _nss_libvirt_gethostbyaddr2_r, _nss_libvirt_gethostbyaddr_r,
          _nss_libvirt_gethostbyname2_r,
          _nss_libvirt_gethostbyname3_r, _nss_libvirt_gethostbyname4_r, _nss_libvirt_gethostbyname_r },
        { VARIANT_DOMAIN, _nss_libvirt_guest_gethostbyaddr2_r, _nss_libvirt_guest_gethostbyaddr_r,
          _nss_libvirt_guest_gethostbyname2_r, _nss_libvirt_guest_gethostbyname3_r,
          _nss_libvirt_guest_gethostbyname4_r, _nss_libvirt_guest_gethostbyname_r },
};

typedef enum Function {
        BY_NAME,
        BY_NAME2,
        BY_NAME3,
        BY_NAME3_BARE, /* neither TTL nor canonical name are asked for */
        BY_NAME4,
        BY_NAME4_OWN, /* with a tuple of the caller's */
        BY_ADDRESS,
        BY_ADDRESS2,
        FUNCTIONS,
} Function;

typedef enum Outside {
        OUTSIDE_CURRENT,
        OUTSIDE_STALE,
        OUTSIDE_NO_INDEX,
        OUTSIDE_NO_DIRECTORY,
        OUTSIDES,
} Outside;

/* ---- what the modules see of the world ---- */

static int index_fd = -1;
static Outside outside;

int __real_open64(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_stat64(const char *path, struct stat64 *st);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_stat64(const char *path, struct stat64 *st);

static int open_for(const char *path, int flags, mode_t mode) {
        if (strcmp(path, RUNTIME_DIRECTORY "/" INDEX_FILE_NAME) != 0)
                return __real_open64(path, flags, mode);
        if (outside != OUTSIDE_NO_INDEX)
                return fcntl(index_fd, F_DUPFD_CLOEXEC, 0);
        errno = ENOENT;
        return -1;
}

static mode_t open_mode(int flags, va_list arguments) {
        return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

int __wrap_open(const char *path, int flags, ...) {
        va_list arguments;
        int fd;

        va_start(arguments, flags);
        fd = open_for(path, flags, open_mode(flags, arguments));
        va_end(arguments);
        return fd;
}

int __wrap_open64(const char *path, int flags, ...) {
        va_list arguments;
        int fd;

        va_start(arguments, flags);
        fd = open_for(path, flags, open_mode(flags, arguments));
        va_end(arguments);
        return fd;
}

int __wrap_stat64(const char *path, struct stat64 *st) {
        if (strcmp(path, LEASE_DIRECTORY) != 0)
                return __real_stat64(path, st);
        if (outside == OUTSIDE_NO_DIRECTORY) {
                errno = ENOENT;
                return -1;
        }
        *st = (struct stat64) { .st_ino = 1, .st_mtim.tv_nsec = outside == OUTSIDE_STALE };
        return 0;
}

int __wrap_stat(const char *path, struct stat *st) {
        return __wrap_stat64(path, (struct stat64 *) st);
}

#if __SIZEOF_POINTER__ == 4
/* What a 32-bit C library calls stat() with times of 64 bits. */
int __wrap___stat64_time64(const char *path, struct stat *st);

int __wrap___stat64_time64(const char *path, struct stat *st) {
        return __wrap_stat64(path, (struct stat64 *) st);
}
#endif

int bus_backend_ask(const Question *question, bool live, Answer *ret) {
        assert(outside != OUTSIDE_CURRENT);
        return -ETIMEDOUT;
}

/* ---- leases ---- */

static const char *const interfaces[NETWORKS] = { "virbr0", "lo" };

static const char *const names[] = { "web1", "WEB1", "a.lab.example", "db", "Web Server", "localhost", "x",
                "" };

static const struct {
        int family;
        uint8_t bytes[16];
} addresses[] = {
        { AF_INET, { 10, 0, 0, 1 } },
        { AF_INET, { 127, 0, 0, 1 } },
        { AF_INET6, { 0xfd, [15] = 1 } },
        { AF_INET6, { 0xfe, 0x80, [15] = 1 } },
        { AF_INET6, { [10] = 0xff, 0xff, 10, 0, 0, 1 } },
};

/* As the parser takes it: UTF-8, neither empty nor too long. */
static const char *choose_name(Input *in, char buffer[static NAME_SIZE + 1]) {
        uint8_t which = input_byte(in);

        if (which < ELEMENTS(names))
                return names[which];
        return input_text(in, buffer, NAME_SIZE + 1);
}

static Address choose_address(Input *in) {
        uint8_t which = input_byte(in);
        Address address = { .family = which & 1 ? AF_INET6 : AF_INET };

        if (which < ELEMENTS(addresses)) {
                address.family = (uint8_t) addresses[which].family;
                memcpy(address.bytes, addresses[which].bytes, sizeof(address.bytes));
        } else if (which < 128) { /* one of many */
                address.bytes[0] = which & 1 ? 0xfd : 10;
                address.bytes[which & 1 ? 15 : 3] = which;
        } else
                input_bytes(in, address.bytes, address_length(address.family));
        return address;
}

typedef struct World {
        BindingList lists[NETWORKS];
        MacMap maps[NETWORKS];
        Document documents[NETWORKS][2]; /* which have the lists and maps */
        Binding leases[NETWORKS][LEASES_MAX];
        DomainMacs domains[NETWORKS][LEASES_MAX];
        MacAddress macs[LEASES_MAX];
        char texts[LEASES_MAX][NAME_SIZE + 1];
} World;

static World world;

static bool name_is_good(const char *name) {
        return name[0] != '\0' && strlen(name) <= NAME_LENGTH_MAX && utf8_is_string(name);
}

/* A lease, of the hostname or of a domain that has no other MAC address. */
static void add_lease(World *w, size_t i, Input *in) {
        static const int64_t expiries[] = { 0, 7000000000, 8000000000, 5 };
        uint8_t how = input_byte(in);
        BindingList *list = w->lists + how % NETWORKS;
        MacMap *map = w->maps + how % NETWORKS;
        const char *name = choose_name(in, w->texts[i]);
        Binding lease = {
                .expiry = expiries[how / 4 % ELEMENTS(expiries)],
                .hostname = how & 2 || !name_is_good(name) ? NULL : name,
                .position = (uint32_t) list->n_bindings,
                .address = choose_address(in),
                .mac.bytes = { 0x52, 0x54, [5] = (uint8_t) i },
                .has_mac = true,
        };

        w->macs[i] = lease.mac;
        ((Binding *) list->bindings)[list->n_bindings++] = lease;
        if (!(how & 2) || !name_is_good(name))
                return;
        map->domains[map->n_domains++] = (DomainMacs) { .domain = name, .n_macs = 1, .macs = w->macs + i };
}

/* An answer can have more addresses than an input bytes: the lease that repeats, with the address after
 * it. */
static void repeat_lease(World *w, size_t n, uint8_t times) {
        BindingList *list = w->lists;

        for (; times > 0 && n < LEASES_MAX && list->n_bindings > 0; times--, n++) {
                Binding *lease = list->bindings + list->n_bindings;

                *lease = lease[-1];
                lease->position++;
                lease->address.bytes[address_length(lease->address.family) - 1]++;
                list->n_bindings++;
        }
}

static Catalog *read_world(World *w, Input *in, const NamePolicy *policy) {
        uint8_t times = input_byte(in);
        CatalogNetwork networks[NETWORKS];
        Catalog *catalog;
        size_t n = 0;

        for (size_t i = 0; i < NETWORKS; i++) {
                w->lists[i] = (BindingList) { .bindings = w->leases[i] };
                w->maps[i] = (MacMap) { .domains = w->domains[i] };
                w->documents[i][0] = (Document) { .n_refs = 1, .bindings = w->lists + i };
                w->documents[i][1] = (Document) { .n_refs = 1, .macs = w->maps + i };
                networks[i] = (CatalogNetwork) { .status = w->documents[i], .macs = w->documents[i] + 1 };
                strcpy(networks[i].interface, interfaces[i]);
        }
        while (in->size > 0 && n < LEASES_MAX)
                add_lease(w, n++, in);
        repeat_lease(w, n, times);
        assert(catalog_new(&(CatalogSources) { .n_networks = NETWORKS, .networks = networks }, policy,
                        CATALOG_LEASES_MAX, &catalog) == 0);
        return catalog;
}

static void write_index(Input *in) {
        static const IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_LIVE,
                        .signature.inode = 1 };
        _cleanup_(catalog_freep) Catalog *catalog = NULL;
        NamePolicy policy = { .reverse = true };
        size_t dropped;

        assert(policy_add_suffix(&policy, "lab.example") == 0);
        catalog = read_world(&world, in, &policy);
        index_fd = memfd_create("index", MFD_CLOEXEC);
        assert(index_fd >= 0 && index_write(index_fd, &meta, catalog, &dropped) == 0);
        policy_clear(&policy);
}

/* ---- a lookup ---- */

typedef struct Lookup {
        const Module *module;
        Function function;
        const char *name; /* NULL where the names of an address are asked for */
        int family;
        Address address;
        socklen_t length;
        size_t offset; /* of the buffer, behind a place where anything could begin */
} Lookup;

typedef struct Result {
        enum nss_status status;
        int error, h_error;
        struct hostent host;
        struct gaih_addrtuple own, *tuples;
        int32_t ttl;
        char *canonical;
} Result;

static bool function_gives_tuples(Function f) {
        return f == BY_NAME4 || f == BY_NAME4_OWN;
}

static const Result untouched = { .error = -1, .h_error = -1, .host.h_length = -1, .own.family = -1,
                .ttl = -1 };

static void look_up(const Lookup *l, char *buffer, size_t size, Result *ret) {
        const Module *m = l->module;

        *ret = untouched;
        switch (l->function) {
        case BY_NAME:
                ret->status = m->by_name(l->name, &ret->host, buffer, size, &ret->error, &ret->h_error);
                break;
        case BY_NAME2:
                ret->status = m->by_name2(l->name, l->family, &ret->host, buffer, size, &ret->error,
                                &ret->h_error);
                break;
        case BY_NAME3:
                ret->status = m->by_name3(l->name, l->family, &ret->host, buffer, size, &ret->error,
                                &ret->h_error,
                                &ret->ttl, &ret->canonical);
                break;
        case BY_NAME3_BARE:
                ret->status = m->by_name3(l->name, l->family, &ret->host, buffer, size, &ret->error,
                                &ret->h_error,
                                NULL, NULL);
                break;
        case BY_NAME4:
        case BY_NAME4_OWN:
                ret->tuples = l->function == BY_NAME4_OWN ? &ret->own : NULL;
                ret->status = m->by_name4(l->name, &ret->tuples, buffer, size, &ret->error, &ret->h_error,
                                &ret->ttl);
                break;
        case BY_ADDRESS:
                ret->status = m->by_address(l->address.bytes, l->length, l->family, &ret->host, buffer, size,
                                &ret->error, &ret->h_error);
                break;
        default:
                ret->status = m->by_address2(l->address.bytes, l->length, l->family, &ret->host, buffer, size,
                                &ret->error, &ret->h_error, &ret->ttl);
        }
}

/* ---- what has to come of it ---- */

/* What the function asks of the index; a negative errno where it can't ask. */
static int expect(const Lookup *l, Answer *answer) {
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        const uint8_t *address = l->address.bytes;
        bool tuples = function_gives_tuples(l->function), by_name = l->name != NULL;
        int family = tuples ? AF_UNSPEC : l->function == BY_NAME ||
                        (by_name && l->family == AF_UNSPEC) ? AF_INET : l->family;
        char folded[NAME_SIZE];
        Index index;

        if (!tuples && family != AF_INET && family != AF_INET6)
                return -EAFNOSUPPORT;
        if (!by_name && l->length != (family == AF_INET ? 4 : 16))
                return -EINVAL;
        if (by_name && (name_fold(l->name, folded) == 0 || name_is_reserved(folded) ||
            !utf8_is_string(l->name)))
                return LOOKUP_NO_NAME;
        if (!by_name && family == AF_INET6 && memcmp(address, mapped, sizeof(mapped)) == 0) {
                address += sizeof(mapped);
                family = AF_INET;
        }
        if (!by_name && (!address_is_guests(family, address) || address_is_link_local(family, address)))
                return LOOKUP_NO_NAME;
        if (outside != OUTSIDE_CURRENT)
                return -ETIMEDOUT;
        assert(index_load(index_fd, &index) == 0);
        if (by_name)
                return index_find_name(&index, l->module->variant, l->name, family, NULL, time(NULL), answer);
        return index_find_address(&index, l->module->variant, family, address, NULL, time(NULL), answer);
}

/* The room that the answer takes, with what is lost to alignment: tuples stand behind the name, all else
 * before. */
static size_t expected_size(const Lookup *l, const Answer *answer) {
        size_t name = strlen(answer_name(answer, answer->entries)) + 1, n = answer->n_entries;
        size_t length = (l->function == BY_NAME ||
                        l->family == AF_UNSPEC ? AF_INET : l->family) == AF_INET ? 4 : 16;

        if (function_gives_tuples(l->function))
                return name + -(l->offset + name) % ALIGN +
                       (n - (l->function == BY_NAME4_OWN)) * sizeof(struct gaih_addrtuple);
        if (!l->name)
                n = 1;
        return -l->offset % ALIGN + (n + 2) * sizeof(char *) + n * length + name;
}

typedef struct Room {
        uint8_t *memory; /* whose end is the buffer's */
        char *buffer;
        size_t size;
} Room;

static Room room_new(size_t offset, size_t size) {
        Room room = { .memory = malloc(offset + size + (offset + size == 0)), .size = size };

        assert(room.memory);
        memset(room.memory, POISON, offset + size);
        room.buffer = (char *) room.memory + offset;
        return room;
}

static void check_poison(const Room *room, bool touched) {
        const uint8_t *end = (const uint8_t *) room->buffer + (touched ? 0 : room->size);

        for (const uint8_t *p = room->memory; p < end; p++)
                assert(*p == POISON);
}

static void check_inside(const Room *room, const void *p, size_t size, size_t align) {
        const char *begin = p;

        assert((uintptr_t) p % align == 0);
        assert(begin >= room->buffer && begin + size <= room->buffer + room->size);
}

static void check_text(const Room *room, const char *text, const char *expected) {
        check_inside(room, text, strlen(expected) + 1, 1);
        assert(strcmp(text, expected) == 0);
}

static void check_host(const Lookup *l, const Room *room, const struct hostent *host, const Answer *answer) {
        size_t length = host->h_addrtype == AF_INET ? 4 : 16, n = l->name ? answer->n_entries : 1;

        assert(host->h_addrtype == (l->function == BY_NAME || l->family == AF_UNSPEC ? AF_INET : l->family));
        assert(host->h_length == (int) length);
        check_text(room, host->h_name, answer_name(answer, answer->entries));
        check_inside(room, host->h_aliases, sizeof(char *), _Alignof(char *));
        assert(!host->h_aliases[0]);
        check_inside(room, host->h_addr_list, (n + 1) * sizeof(char *), _Alignof(char *));
        for (size_t i = 0; i < n; i++) {
                check_inside(room, host->h_addr_list[i], length, 1);
                assert(memcmp(host->h_addr_list[i], l->name ? answer->entries[i].address : l->address.bytes,
                                length) == 0);
        }
        assert(!host->h_addr_list[n]);
}

static uint32_t expected_scope(const IndexEntry *e) {
        return e->family == AF_INET6 &&
                        address_is_link_local(AF_INET6, e->address) ? if_nametoindex(e->interface) : 0;
}

static void check_tuples(const Lookup *l, const Room *room, const Result *result, const Answer *answer) {
        const struct gaih_addrtuple *t = result->tuples;

        assert((t == &result->own) == (l->function == BY_NAME4_OWN));
        for (size_t i = 0; i < answer->n_entries; i++, t = t->next) {
                const IndexEntry *e = answer->entries + i;

                if (t != &result->own)
                        check_inside(room, t, sizeof(*t), ALIGN);
                check_text(room, t->name, answer_name(answer, answer->entries));
                assert(t->family == e->family && t->scopeid == expected_scope(e));
                assert(memcmp(t->addr, e->address, address_length(e->family)) == 0);
        }
        assert(!t);
}

static void check_found(const Lookup *l, const Room *room, const Result *result, const Answer *answer) {
        assert(result->status == NSS_STATUS_SUCCESS && result->h_error == NETDB_SUCCESS);
        if (function_gives_tuples(l->function))
                check_tuples(l, room, result, answer);
        else
                check_host(l, room, &result->host, answer);
        if (l->function == BY_NAME3 || l->function == BY_ADDRESS2 || function_gives_tuples(l->function))
                assert(result->ttl == 0);
        assert(result->canonical == (l->function == BY_NAME3 ? result->host.h_name : NULL));
}

static void check_not_found(const Lookup *l, const Result *result, int expected, bool too_small) {
        struct gaih_addrtuple *tuples =
                        l->function == BY_NAME4_OWN ? (struct gaih_addrtuple *) &result->own : NULL;

        if (too_small)
                assert(result->status == NSS_STATUS_TRYAGAIN && result->error == ERANGE &&
                                result->h_error == NETDB_INTERNAL);
        else if (expected < 0)
                assert(result->status == NSS_STATUS_UNAVAIL && result->error == -expected &&
                                result->h_error == NO_RECOVERY);
        else
                assert(result->status == NSS_STATUS_NOTFOUND &&
                       result->h_error == (expected == LOOKUP_NO_FAMILY ? NO_DATA : HOST_NOT_FOUND));
        assert(memcmp(&result->host, &untouched.host, sizeof(result->host)) == 0 && result->tuples == tuples);
        assert(memcmp(&result->own, &untouched.own, sizeof(result->own)) == 0 && result->ttl == -1 &&
                        !result->canonical);
}

static void check(const Lookup *l, size_t size) {
        Room room = room_new(l->offset, size);
        int expected, fd = dup(STDERR_FILENO), again;
        bool too_small;
        Answer answer;
        Result result;

        close_safe(fd);
        expected = expect(l, &answer);
        too_small = expected == LOOKUP_FOUND && size < expected_size(l, &answer);

        errno = ERRNO_BEFORE;
        look_up(l, room.buffer, size, &result);
        assert(errno == ERRNO_BEFORE);
        if (expected == LOOKUP_FOUND && !too_small)
                check_found(l, &room, &result, &answer);
        else
                check_not_found(l, &result, expected, too_small);
        check_poison(&room, result.status == NSS_STATUS_SUCCESS);
        free(room.memory);

        again = dup(STDERR_FILENO);
        assert(again == fd);
        close_safe(again);
}

/* A buffer just as large as it must be, and one that is a byte too small. */
static void check_limit(const Lookup *l) {
        size_t need;
        Answer answer;

        if (expect(l, &answer) != LOOKUP_FOUND)
                return;
        need = expected_size(l, &answer);
        check(l, need - 1);
        check(l, need);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const int families[] = { AF_INET, AF_INET6, AF_UNSPEC, AF_UNIX };
        Input input = { data, size };
        uint8_t how = input_byte(&input), what = input_byte(&input);
        char text[NAME_SIZE + 1];
        Lookup lookup = {
                .module = modules + (how & 1),
                .function = how / 2 % FUNCTIONS,
                .family = families[what % ELEMENTS(families)],
                .offset = how / 16,
        };
        size_t buffer_size;

        outside = what / 4 < OUTSIDES ? what / 4 : OUTSIDE_CURRENT;
        buffer_size = (size_t) input_number(&input, 2) % BUFFER_MAX;
        if (lookup.function >= BY_ADDRESS) {
                lookup.address = choose_address(&input);
                lookup.length = (socklen_t) address_length(lookup.address.family);
                if (what < 128) /* else the address may be of another family */
                        lookup.family = lookup.address.family;
        } else
                lookup.name = choose_name(&input, text);

        write_index(&input);
        check(&lookup, buffer_size);
        check_limit(&lookup);
        index_fd = close_safe(index_fd);
        return 0;
}
