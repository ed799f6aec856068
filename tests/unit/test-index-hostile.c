/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Indexes that somebody damaged, or made to do harm.  Whatever the bytes, a lookup
 * ends, soon, with an error or an answer to what was asked.
 *
 * Linked with --wrap, so that the reader's reads come here and are counted.
 */

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "flood.h"
#include "index/key.h"
#include "names/name.h"
#include "unit.h"
#include "worlds.h"

ssize_t __real_pread64(int fd, void *buffer, size_t size, off64_t offset);
ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *buffer, size_t size, off_t offset);

static unsigned n_reads, n_until_failure;
static int failure;

/* Counts; and where a failure is set, fails once after some reads. */
ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset) {
        n_reads++;
        if (failure > 0 && n_until_failure-- == 0) {
                errno = failure;
                failure = 0;
                return -1;
        }
        return __real_pread64(fd, buffer, size, offset);
}

ssize_t __wrap_pread64(int fd, void *buffer, size_t size, off_t offset) {
        return __wrap_pread(fd, buffer, size, offset);
}

static void fail_read(unsigned after, int error) {
        n_until_failure = after;
        failure = error;
}

#define WORLD \
        "suffix,lab.example\nnetwork,virbr0\nlease,Web1,10.0.0.1,1,200\nlease,web1,fd00::1,1,0\n" \
        "lease,db,10.0.0.2,2,5\n" \
        "lease,ll,fe80::1,0,300\ndomain,VM-app,1\ndomain,Web Server,2\ndomain,fresh,9\n"

#define NOW 100

/* ---- questions ---- */

static const struct {
        NameVariant variant;
        const char *name;
} questions[] = {
        { VARIANT_LEASE, "web1" },       { VARIANT_LEASE, "web1.lab.example" }, { VARIANT_LEASE, "db" },
        { VARIANT_LEASE, "ll" },         { VARIANT_LEASE, "nosuch" },
          { VARIANT_LEASE, "localhost" },
        { VARIANT_DOMAIN, "vm-app" },    { VARIANT_DOMAIN, "web server" },      { VARIANT_DOMAIN, "fresh" },
        { VARIANT_DOMAIN, "github.com" },
};

static const uint8_t asked_address[16] = { 10, 0, 0, 1 };

static const char *ask(const Index *index, size_t question, Answer *answer, char *text, size_t size) {
        int r;

        if (question == ELEMENTS(questions))
                r = index_find_address(index, 0, AF_INET, asked_address, NULL, NOW, answer);
        else
                r = index_find_name(index, questions[question].variant, questions[question].name, AF_UNSPEC,
                                NULL, NOW,
                                answer);
        ck_assert(r == -EBADMSG || (r >= LOOKUP_FOUND && r <= LOOKUP_NO_FAMILY));
        return answer_text(r, answer, text, size);
}

/* What no answer may hold, whatever was in the file. */
static void check_answer(size_t question, const Answer *answer) {
        char folded[NAME_SIZE];

        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;

                ck_assert_uint_gt(name_fold(answer_name(answer, e), folded), 0);
                ck_assert(!name_is_reserved(folded));
                ck_assert(address_is_guests(e->family, e->address));
                ck_assert_uint_eq(e->ifindex, 0);
                ck_assert_uint_lt(strnlen(e->interface, sizeof(e->interface)), sizeof(e->interface));
                if (question < ELEMENTS(questions))
                        ck_assert_str_eq(folded, questions[question].name);
                else
                        ck_assert(e->family == AF_INET && memcmp(e->address, asked_address, 4) == 0 &&
                                        name_is_hostname(folded));
        }
}

/* Asks everything of a file that may be no index; how many were answered. */
static size_t ask_all(int fd) {
        size_t n_answers = 0;
        char text[4096];
        Answer answer;
        Index index;
        int r;

        r = index_load(fd, &index);
        ck_assert(r == 0 || r == -EBADMSG);
        for (size_t i = 0; r == 0 && i <= ELEMENTS(questions); i++)
                if (ask(&index, i, &answer, text, sizeof(text)) == text) {
                        check_answer(i, &answer);
                        n_answers++;
                }
        return n_answers;
}

/* ---- damage ---- */

START_TEST(test_truncated) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(closep) int whole = world_index(w, NULL);
        char text[4096], wanted[4096];
        size_t size, n_same = 0, n_errors = 0;
        _cleanup_(freep) char *bytes = index_bytes(whole, &size);
        Index index, cut;
        Answer answer;

        ck_assert_int_eq(index_load(whole, &index), 0);
        for (size_t n = 0; n < size; n++) {
                _cleanup_(closep) int fd = bytes_index(bytes, n);
                int r = index_load(fd, &cut);

                ck_assert_int_eq(r, n < INDEX_META_POSITION + sizeof(IndexMeta) ? -EBADMSG : 0);
                for (size_t i = 0; r == 0 && i <= ELEMENTS(questions); i++) {
                        const char *got = ask(&cut, i, &answer, text, sizeof(text));

                        if (strcmp(got, "error") == 0) {
                                n_errors++;
                                continue;
                        }
                        ck_assert_str_eq(got, ask(&index, i, &answer, wanted, sizeof(wanted)));
                        n_same++;
                }
        }
        ck_assert(n_same > 0 && n_errors > 0);
}
END_TEST

START_TEST(test_flipped) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(closep) int fd = world_index(w, NULL);
        size_t size, n_answers = 0;
        _cleanup_(freep) char *bytes = index_bytes(fd, &size);

        for (size_t i = 0; i < size; i++) {
                for (int flip = 0; flip < 9; flip++) {
                        char byte = flip < 8 ? (char) (bytes[i] ^ 1 << flip) : (char) ~bytes[i];

                        ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t) i), 1);
                        n_answers += ask_all(fd);
                }
                ck_assert_int_eq(pwrite(fd, bytes + i, 1, (off_t) i), 1);
        }
        ck_assert_uint_gt(n_answers, size);
}
END_TEST

START_TEST(test_noise) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(closep) int whole = world_index(w, NULL);
        size_t size, n = INDEX_META_POSITION + sizeof(IndexMeta);
        _cleanup_(freep) char *bytes = index_bytes(whole, &size);
        _cleanup_(freep) char *noise = malloc(size);
        uint32_t seed = 1;

        ck_assert_ptr_nonnull(noise);
        for (unsigned round = 0; round < 2000; round++) {
                for (size_t i = 0; i < size; i++) {
                        seed = seed * 1664525 + 1013904223;
                        noise[i] = (char) (seed >> 24);
                }
                if (round % 4 > 0) /* behind a good head */
                        memcpy(noise + INDEX_TOC_SIZE, bytes + INDEX_TOC_SIZE, n - INDEX_TOC_SIZE);
                if (round % 4 > 1)
                        memcpy(noise, bytes, n);
                if (round % 4 > 2) /* small numbers, which are plausible ones */
                        for (size_t i = n; i < size; i++)
                                noise[i] = noise[i] & 3 ? 0 : noise[i];
                {
                        _cleanup_(closep) int fd = bytes_index(noise, size);

                        (void) ask_all(fd);
                }
        }
}
END_TEST

START_TEST(test_load) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(closep) int fd = world_index(w, NULL),
                        directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        static const struct {
                off_t position;
                const char *bytes;
        } changes[] = {
                { INDEX_TOC_SIZE, "\5" },       /* the first key's length */
                { INDEX_TOC_SIZE + 4, "\x37" }, /* its value's */
                { INDEX_TOC_SIZE + 8, "m" },    /* the key */
                { INDEX_META_POSITION, "\x0e" }, /* another version */
                { INDEX_META_POSITION + 7, "1" },
        };
        int pipes[2];
        Index index;

        for (size_t i = 0; i < ELEMENTS(changes); i++) {
                char was;

                ck_assert_int_eq(__real_pread64(fd, &was, 1, changes[i].position), 1);
                ck_assert_int_eq(pwrite(fd, changes[i].bytes, 1, changes[i].position), 1);
                ck_assert_int_eq(index_load(fd, &index), -EBADMSG);
                ck_assert_int_eq(pwrite(fd, &was, 1, changes[i].position), 1);
                ck_assert_int_eq(index_load(fd, &index), 0);
        }
        ck_assert_int_eq(index_load(directory, &index), -EISDIR);
        ck_assert_int_eq(index_load(-1, &index), -EBADF);
        ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
        ck_assert_int_eq(index_load(pipes[0], &index), -ESPIPE);
}
END_TEST

/* A read that fails is that failure; one that a signal interrupts is none. */
START_TEST(test_read_fails) {
        _cleanup_(world_freep) World *w = world_read(WORLD);
        _cleanup_(closep) int fd = world_index(w, NULL);
        Answer answer;
        Index index;

        fail_read(0, EINTR);
        ck_assert_int_eq(index_load(fd, &index), 0);
        fail_read(0, EIO);
        ck_assert_int_eq(index_load(fd, &index), -EIO);
        ck_assert_int_eq(index_load(fd, &index), 0);
        index.size = INDEX_META_POSITION + sizeof(IndexMeta); /* so that the rest has to be read */
        for (unsigned i = 0; i < 3; i++) {
                bool last = i == 2;

                fail_read(i, EINTR);
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, NOW,
                                &answer), LOOKUP_FOUND);
                ck_assert(failure == 0 || last);
                fail_read(i, EIO);
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, NOW,
                                &answer),
                                 last ? LOOKUP_FOUND : -EIO);
                failure = 0;
        }
}
END_TEST

/* ---- plants ---- */

typedef struct Plant {
        IndexEntry entry;
        const char *name;
} Plant;

#define ENTRY(f, i, ...) { .family = f, .interface = i, .variant = VARIANT_LEASE, .address = { __VA_ARGS__ } }

static size_t plant_value(const Plant *plants, size_t n, char *value) {
        size_t size = INDEX_VALUE_HEAD + n * sizeof(IndexEntry);

        memset(value, 0, INDEX_VALUE_HEAD);
        memcpy(value, &(uint16_t) { (uint16_t) n }, sizeof(uint16_t));
        for (size_t i = 0; i < n; i++) {
                IndexEntry e = plants[i].entry;

                e.name = (uint16_t) size;
                memcpy(value + INDEX_VALUE_HEAD + i * sizeof(e), &e, sizeof(e));
                size = (size_t) (stpcpy(value + size, plants[i].name) + 1 - value);
        }
        return size;
}

/* The key whose letter, and name or address, are these. */
static IndexKey tagged(const char *rest) {
        IndexKey key;

        if (rest[0] == INDEX_KEY_ADDRESS)
                index_key_of_address(&world_meta.salt, AF_INET, (const uint8_t *) rest + 2, &key);
        else
                index_key_of_name(&world_meta.salt,
                                rest[0] == INDEX_KEY_DOMAIN ? VARIANT_DOMAIN : VARIANT_LEASE, rest + 1,
                                  &key);
        return key;
}

/* An index with one more record. */
static int planted(const char *rest, const void *value, size_t value_size) {
        const IndexKey key = tagged(rest);
        int fd = memfd_create("names", MFD_CLOEXEC);
        struct cdb_make cdb;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(cdb_make_start(&cdb, fd), 0);
        ck_assert_int_eq(cdb_make_add(&cdb, "META", 4, &world_meta, sizeof(world_meta)), 0);
        ck_assert_int_eq(cdb_make_add(&cdb, key.bytes, (unsigned) key.length, value, (unsigned) value_size),
                        0);
        ck_assert_int_eq(cdb_make_finish(&cdb), 0);
        return fd;
}

static int find_planted(const char *key, const void *value, size_t value_size, Answer *answer) {
        _cleanup_(closep) int fd = planted(key, value, value_size);
        Index index;

        ck_assert_int_eq(index_load(fd, &index), 0);
        if (key[0] == INDEX_KEY_ADDRESS)
                return index_find_address(&index, VARIANT_LEASE, AF_INET, (const uint8_t *) key + 2, NULL,
                                NOW, answer);
        return index_find_name(&index, key[0] == INDEX_KEY_DOMAIN ? VARIANT_DOMAIN : VARIANT_LEASE, key + 1,
                        AF_UNSPEC, NULL,
                               NOW, answer);
}

static const struct {
        const char *key;
        Plant plants[3];
        const char *answer;
} plants[] = {
        { "hweb1", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "Web1" } }, "Web1 10.0.0.1%virbr0/0" },

        /* another name than the one that was asked */
        { "hweb1", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "github.com" } }, "no name" },
        { "hweb1", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "" } }, "no name" },
        { "hweb1",
          { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "web11" },
            { ENTRY(AF_INET, "virbr0", 10, 0, 0, 2), "web1" },
            { ENTRY(AF_INET, "virbr0", 10, 0, 0, 3), "db" } },
          "web1 10.0.0.2%virbr0/0" },

        /* names that are nobody's */
        { "hlocalhost", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "localhost" } }, "no name" },
        { "dlocalhost", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "localhost" } }, "no name" },
        { "hwpad.lab.example", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "wpad.lab.example" } }, "no name" },
        { "d_gateway", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "_gateway" } }, "no name" },
        { "hip6-localhost", { { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "ip6-localhost" } }, "no name" },

        /* addresses that are no guest's */
        { "hweb1", { { ENTRY(AF_INET, "virbr0", 127, 0, 0, 1), "web1" } }, "no name" },
        { "hweb1", { { ENTRY(AF_INET, "virbr0", 0), "web1" },
          { ENTRY(AF_INET, "virbr0", 224, 0, 0, 1), "web1" } }, "no name" },
        { "hweb1", { { ENTRY(AF_INET6, "virbr0", 0), "web1" },
          { ENTRY(AF_INET6, "virbr0", 0xff, 2), "web1" } }, "no name" },
        { "hweb1",
          { { ENTRY(AF_INET6, "virbr0", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1), "web1" },
            { ENTRY(AF_INET, "virbr0", 10, 0, 0, 2), "web1" } },
          "web1 10.0.0.2%virbr0/0" },
        { "hweb1", { { ENTRY(5, "virbr0", 10, 0, 0, 1), "web1" },
          { ENTRY(255, "virbr0", 10, 0, 0, 1), "web1" } }, "no name" },

        /* the names of an address: host names, and none that is nobody's */
        { "a4\12\1\1\1", { { ENTRY(AF_INET, "virbr0", 10, 1, 1, 1), "web1" } }, "web1 10.1.1.1%virbr0/0" },
        { "a4\12\1\1\1",
          { { ENTRY(AF_INET, "virbr0", 10, 1, 1, 1), "localhost" },
            { ENTRY(AF_INET, "virbr0", 10, 1, 1, 1), "_x" },
            { ENTRY(AF_INET, "virbr0", 10, 1, 1, 1), "a b" } },
          "no name" },
        { "a4\12\1\1\1", { { ENTRY(AF_INET, "virbr0", 10, 1, 1, 1), "\x1b[31m" },
          { ENTRY(AF_INET, "virbr0", 10, 1, 1, 2), "web1" } },
          "no name" },
        { "a4\12\1\1\1", { { ENTRY(AF_INET6, "virbr0", 10, 1, 1, 1), "web1" } }, "no name" },
        { "a4\177\1\1\1", { { ENTRY(AF_INET, "virbr0", 127, 1, 1, 1), "web1" } }, "no name" },
};

START_TEST(test_planted) {
        char value[4096], text[4096];
        size_t n = 0;
        Answer answer;
        int r;

        while (n < ELEMENTS(plants[_i].plants) && plants[_i].plants[n].name)
                n++;
        r = find_planted(plants[_i].key, value, plant_value(plants[_i].plants, n, value), &answer);
        ck_assert_str_eq(answer_text(r, &answer, text, sizeof(text)), plants[_i].answer);
}
END_TEST

/* An interface index is nothing that a file can know. */
START_TEST(test_planted_ifindex) {
        Plant plant = { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "web1" };
        char value[4096];
        Answer answer;

        plant.entry.ifindex = 77;
        ck_assert_int_eq(find_planted("hweb1", value, plant_value(&plant, 1, value), &answer), LOOKUP_FOUND);
        ck_assert_uint_eq(answer.entries[0].ifindex, 0);
}
END_TEST

/* Values whose parts lie outside of them. */
START_TEST(test_planted_structure) {
        const Plant plant = { ENTRY(AF_INET, "virbr0", 10, 0, 0, 1), "web1" };
        const size_t name_field = INDEX_VALUE_HEAD + offsetof(IndexEntry, name);
        char good[4096], value[INDEX_RECORD_MAX + 64];
        size_t size = plant_value(&plant, 1, good);
        Answer answer;

        for (size_t n = 0; n < size; n++)
                ck_assert_int_eq(find_planted("hweb1", good, n, &answer), -EBADMSG);

        for (unsigned n = 0; n < 65536; n += n < 300 ? 1 : 251) {
                memcpy(value, good, size);
                memcpy(value, (char[]) { (char) n, (char) (n >> 8) }, 2);
                ck_assert_int_eq(find_planted("hweb1", value, size, &answer),
                                n == 1 ? LOOKUP_FOUND : -EBADMSG);
        }
        for (unsigned at = 0; at < 65536; at += at < 300 ? 1 : 251) {
                int r;

                memcpy(value, good, size);
                memcpy(value + name_field, (char[]) { (char) at, (char) (at >> 8) }, 2);
                r = find_planted("hweb1", value, size, &answer);
                if (at < INDEX_VALUE_HEAD + sizeof(IndexEntry) || at >= size)
                        ck_assert_int_eq(r, -EBADMSG);
                else
                        ck_assert_int_eq(r, at == INDEX_VALUE_HEAD + sizeof(IndexEntry) ? LOOKUP_FOUND :
                                        LOOKUP_NO_NAME);
        }

        memcpy(value, good, size);
        value[size - 1] = 'x'; /* no NUL at the end */
        ck_assert_int_eq(find_planted("hweb1", value, size, &answer), -EBADMSG);
        memcpy(value, good, size);
        /* none behind the interface */
        memset(value + INDEX_VALUE_HEAD + offsetof(IndexEntry, interface), 'x', 16);
        ck_assert_int_eq(find_planted("hweb1", value, size, &answer), -EBADMSG);

        memset(value, 0, sizeof(value)); /* as large as a record may be, and a byte more */
        memcpy(value, good, size);
        ck_assert_int_eq(find_planted("hweb1", value, INDEX_RECORD_MAX - 8 - 13, &answer), LOOKUP_FOUND);
        ck_assert_int_eq(find_planted("hweb1", value, INDEX_RECORD_MAX - 8 - 12, &answer), -EBADMSG);

        memcpy(value, good, size); /* a name that is longer than any */
        memset(value + INDEX_VALUE_HEAD + sizeof(IndexEntry), 'a', 1000);
        ck_assert_int_eq(find_planted("hweb1", value, 2000, &answer), LOOKUP_NO_NAME);
}
END_TEST

/* ---- slow ones ---- */

static uint32_t hash_of(const IndexKey *key) {
        uint32_t h = 5381;

        for (size_t i = 0; i < key->length; i++)
                h = h * 33 ^ (uint8_t) key->bytes[i];
        return h;
}

static void put_u32(char *p, uint32_t v) {
        v = htole32(v);
        memcpy(p, &v, sizeof(v));
}

/* An index whose table for "hweb1" has n slots, all of them (hash, position), as far as stored. */
static int slow_index(uint32_t table, uint32_t n, uint32_t n_stored, uint32_t hash, uint32_t position,
                uint32_t value_length) {
        _cleanup_(world_freep) World *w = world_read("");
        _cleanup_(closep) int fd = world_index(w, NULL);
        size_t size = 4096 + 8 * (size_t) n_stored, head;
        _cleanup_(freep) char *bytes = calloc(1, size);
        _cleanup_(freep) char *empty = index_bytes(fd, &head);
        const IndexKey key = tagged("hweb1");

        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, empty, head);
        put_u32(bytes + 8 * (hash_of(&key) & 255), table);
        put_u32(bytes + 8 * (hash_of(&key) & 255) + 4, n);
        put_u32(bytes + 3000, (uint32_t) key.length); /* a record of another name, as long */
        put_u32(bytes + 3004, value_length);
        memcpy(bytes + 3008, key.bytes, key.length);
        bytes[3008 + key.length - 1] = '2';
        for (size_t i = 0; i < n_stored; i++) {
                put_u32(bytes + 4096 + 8 * i, hash);
                put_u32(bytes + 4096 + 8 * i + 4, position);
        }
        return bytes_index(bytes, size);
}

static int find_slowly(int fd, unsigned *ret_reads) {
        Answer answer;
        Index index;
        int r;

        ck_assert_int_eq(index_load(fd, &index), 0);
        n_reads = 0;
        r = index_find_name(&index, VARIANT_LEASE, "web1", AF_UNSPEC, NULL, NOW, &answer);
        *ret_reads = n_reads;
        return r;
}

START_TEST(test_slow) {
        const IndexKey key = tagged("hweb1");
        const uint32_t hash = hash_of(&key), many = 3U << 20, most = INDEX_SAME_HASH_MAX,
                        slots = INDEX_SLOTS_MAX;
        const struct {
                uint32_t table, n, n_stored, hash, position;
                int result;
                unsigned n_reads;
                uint32_t value_length;
        } rows[] = {
                /* a loop of one slot, of a full small table, of a full large one */
                { 4096, 1, 1, hash, 3000, LOOKUP_NO_NAME, 2 },
                { 4096, 1, 1, hash + 256, 3000, LOOKUP_NO_NAME, 1 },
                { 4096, most, most, hash, 3000, LOOKUP_NO_NAME, 1 + most },
                { 4096, most + 1, most + 1, hash, 3000, -EBADMSG, 1 + most },
                { 4096, 100, 100, hash + 256, 3000, LOOKUP_NO_NAME, 1 },
                { 4096, slots, slots, hash + 256, 3000, LOOKUP_NO_NAME, 5 },
                { 4096, slots + 1, slots + 1, hash + 256, 3000, -EBADMSG, 6 },
                /* endless ones */
                { 4096, many, many, hash, 3000, -EBADMSG, 1 + most },
                { 4096, many, many, hash + 256, 3000, -EBADMSG, 6 },
                /* and with records that take two reads each */
                { 4096, many, many, hash, 3000, -EBADMSG, 1 + 2 * most, 4000 },
                /* a table, or a record, outside of the file */
                { 4096, many, 1, hash, 3000, -EBADMSG, 1 },
                { 0, UINT32_MAX, 1, hash, 3000, -EBADMSG, 1 },
                { UINT32_MAX, 1, 1, hash, 3000, -EBADMSG, 1 },
                { UINT32_MAX - 8, 1, 1, hash, 3000, -EBADMSG, 1 },
                { 1U << 31, UINT32_MAX / 8, 1, hash, 3000, -EBADMSG, 1 },
                { 5000, 1, 1, hash, 3000, -EBADMSG, 1 },
                { 4096, 1, 1, hash, UINT32_MAX, -EBADMSG, 2 },
                { 4096, 1, 1, hash, 4104, -EBADMSG, 2 },
                { 4096, 1, 1, hash, 4097, -EBADMSG, 2 },
                /* a slot that ends the search, a record that is the table of contents */
                { 4096, 1000, 1000, hash, 0, LOOKUP_NO_NAME, 1 },
                { 4096, 1, 1, hash, 1, LOOKUP_NO_NAME, 1 },
        };
        unsigned n;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                _cleanup_(closep) int fd = slow_index(rows[i].table, rows[i].n, rows[i].n_stored,
                                rows[i].hash,
                                                      rows[i].position, rows[i].value_length ?: 16);
                int r = find_slowly(fd, &n);

                ck_assert_msg(r == rows[i].result, "row %zu: %d", i, r);
                ck_assert_msg(n <= rows[i].n_reads, "row %zu: %u reads", i, n);
        }
}
END_TEST

/* How many of 2 n lookups in an honest index of n names, half of them misses, cost more than two
 * reads; none costs more than three. */
static unsigned count_costly(unsigned n) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        unsigned n_costly = 0;
        char name[32];
        Answer answer;
        Index index;

        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "guest%u", i);
                world_add_lease(w, name, "10.0.0.1", 0, 0);
        }
        w->policy.reverse = false;
        fd = world_index(w, NULL);
        ck_assert_int_eq(index_load(fd, &index), 0);
        for (unsigned i = 0; i < 2 * n; i++) {
                (void) snprintf(name, sizeof(name), "guest%u", i);
                n_reads = 0;
                ck_assert_int_eq(index_find_name(&index, VARIANT_LEASE, name, AF_UNSPEC, NULL, NOW, &answer),
                                 i < n ? LOOKUP_FOUND : LOOKUP_NO_NAME);
                ck_assert_uint_le(n_reads, 3);
                n_costly += n_reads > 2;
        }
        return n_costly;
}

/* Guests can't make another's lookup longer by the names that they choose. */
START_TEST(test_flood) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(closep) int fd = -1;
        char name[FLOOD_NAME_SIZE];
        Flood flood;
        unsigned n;

        flood_make("web1", &flood);
        world_add_network(w, "virbr0");
        for (unsigned i = 0; i < FLOOD_NAMES; i++)
                world_add_lease(w, flood_name(&flood, i, name), "10.0.0.2", 0, 0);
        world_add_lease(w, "web1", "10.0.0.1", 0, 0);
        w->policy.reverse = false;
        fd = world_index(w, NULL);
        ck_assert_int_eq(find_slowly(fd, &n), LOOKUP_FOUND);
        ck_assert_uint_le(n, 3);
}
END_TEST

/* A table that is too large for one read may take a second one, at its end. */
START_TEST(test_reads) {
        static const unsigned numbers[] = { 1, 2, 3, 10, 100, 500, 1000, 2000, 5000 };

        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                ck_assert_uint_eq(count_costly(numbers[i]), 0);
        ck_assert_uint_lt(count_costly(100000), 1000);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("index-hostile");

        tcase_add_test(tcase, test_truncated);
        tcase_add_test(tcase, test_flipped);
        tcase_add_test(tcase, test_noise);
        tcase_add_test(tcase, test_load);
        tcase_add_test(tcase, test_read_fails);
        tcase_add_loop_test(tcase, test_planted, 0, ELEMENTS(plants));
        tcase_add_test(tcase, test_planted_ifindex);
        tcase_add_test(tcase, test_planted_structure);
        tcase_add_test(tcase, test_slow);
        tcase_add_test(tcase, test_flood);
        tcase_add_test(tcase, test_reads);
        return unit_run("index-hostile", tcase);
}
