/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The packer, for every shape, with buffers of every size up to two bytes more
 * than is needed, beginning at every alignment.
 */

#include <arpa/inet.h>
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packer.h"
#include "util/util.h"

#define ALIGN _Alignof(struct gaih_addrtuple)
#define OFFSETS 16
#define FENCE 32
#define POISON 0xa5

typedef struct Room {
        char *memory, *buffer;
        size_t size;
} Room;

/* A buffer that begins offset bytes after a multiple of OFFSETS, between fences. */
static Room room_new(size_t offset, size_t size) {
        Room room = { .size = size };
        size_t all = 2 * FENCE + offset + size;

        room.memory = aligned_alloc(OFFSETS, (all + OFFSETS - 1) / OFFSETS * OFFSETS);
        ck_assert_ptr_nonnull(room.memory);
        memset(room.memory, POISON, all);
        room.buffer = room.memory + FENCE + offset;
        return room;
}

static void assert_poison(const char *from, const char *to) {
        while (from < to && (uint8_t) *from == POISON)
                from++;
        ck_assert_ptr_eq(from, to);
}

static void room_check(const Room *room, bool touched) {
        assert_poison(room->memory, room->buffer);
        assert_poison(room->buffer + room->size, room->buffer + room->size + FENCE);
        if (!touched)
                assert_poison(room->buffer, room->buffer + room->size);
}

static void assert_inside(const Room *room, const void *p, size_t size, size_t align) {
        ck_assert((const char *) p >= room->buffer);
        ck_assert((const char *) p + size <= room->buffer + room->size);
        ck_assert_uint_eq((uintptr_t) p % align, 0);
}

/* n entries: IPv4 and IPv6 by turns where family is AF_UNSPEC. */
static void answer_fill(Answer *answer, const char *name, int family, size_t n) {
        size_t place = INDEX_VALUE_HEAD + n * sizeof(IndexEntry);

        answer->n_entries = n;
        answer->entries = (IndexEntry *) (void *) (answer->buffer + INDEX_VALUE_HEAD);
        strcpy(answer->buffer + place, name);
        for (size_t i = 0; i < n; i++) {
                bool four = family == AF_INET || (family == AF_UNSPEC && i % 2 == 0);

                answer->entries[i] = (IndexEntry) {
                        .family = four ? AF_INET : AF_INET6,
                        .ifindex = (uint32_t) (100 + i),
                        .name = (uint16_t) place,
                        .address = { four ? 10 : 0xfe, i % 3 == 0 ? 0x80 : 0, [2] = (uint8_t) i, [3] = 1 },
                };
        }
}

/* ---- one shape each: packs, and checks what was packed ---- */

typedef struct Shape {
        bool (*pack)(const Answer *answer, int family, const Room *room);
        size_t (*need)(int family, size_t n);
        bool one_family;
        bool name_first;
} Shape;

static size_t length_of(int family) {
        return family == AF_INET ? 4 : 16;
}

static void check_host(const struct hostent *host, const Answer *answer, int family, size_t n,
                const Room *room) {
        const char *name = answer_name(answer, answer->entries);

        assert_inside(room, host->h_name, strlen(name) + 1, 1);
        assert_inside(room, host->h_aliases, sizeof(char *), _Alignof(char *));
        assert_inside(room, host->h_addr_list, (n + 1) * sizeof(char *), _Alignof(char *));
        ck_assert_str_eq(host->h_name, name);
        ck_assert_ptr_null(host->h_aliases[0]);
        ck_assert_int_eq(host->h_addrtype, family);
        ck_assert_int_eq(host->h_length, (int) length_of(family));
        for (size_t i = 0; i < n; i++) {
                assert_inside(room, host->h_addr_list[i], length_of(family), 4);
                ck_assert_mem_eq(host->h_addr_list[i], answer->entries[i].address, length_of(family));
        }
        ck_assert_ptr_null(host->h_addr_list[n]);
}

static bool pack_host_checked(const Answer *answer, int family, const Room *room) {
        struct hostent host, before;

        memset(&host, POISON, sizeof(host));
        before = host;
        if (!pack_host(answer, family, room->buffer, room->size, &host)) {
                ck_assert_mem_eq(&host, &before, sizeof(host));
                return false;
        }
        check_host(&host, answer, family, answer->n_entries, room);
        return true;
}

static size_t need_host(int family, size_t n) {
        return (n + 2) * sizeof(char *) + n * length_of(family);
}

static bool pack_address_checked(const Answer *answer, int family, const Room *room) {
        struct hostent host;

        if (!pack_host_of_address(answer, family, answer->entries->address, room->buffer, room->size, &host))
                return false;
        check_host(&host, answer, family, 1, room);
        return true;
}

static size_t need_address(int family, size_t n) {
        return need_host(family, 1);
}

static void check_tuples(const struct gaih_addrtuple *tuple, const Answer *answer) {
        const char *name = answer_name(answer, answer->entries);

        for (size_t i = 0; i < answer->n_entries; i++, tuple = tuple->next) {
                const IndexEntry *entry = &answer->entries[i];
                bool local = entry->family == AF_INET6 && entry->address[1] == 0x80;

                ck_assert_ptr_nonnull(tuple);
                ck_assert_str_eq(tuple->name, name);
                ck_assert_int_eq(tuple->family, entry->family);
                ck_assert_mem_eq(tuple->addr, entry->address, sizeof(tuple->addr));
                ck_assert_uint_eq(tuple->scopeid, local ? entry->ifindex : 0);
        }
        ck_assert_ptr_null(tuple);
}

static bool pack_tuples_checked(const Answer *answer, int family, const Room *room) {
        struct gaih_addrtuple *tuples = NULL;

        if (!pack_tuples(answer, room->buffer, room->size, &tuples)) {
                ck_assert_ptr_null(tuples);
                return false;
        }
        for (const struct gaih_addrtuple *t = tuples; t; t = t->next)
                assert_inside(room, t, sizeof(*t), _Alignof(struct gaih_addrtuple));
        check_tuples(tuples, answer);
        return true;
}

static size_t need_tuples(int family, size_t n) {
        return n * sizeof(struct gaih_addrtuple);
}

static bool pack_own_tuple_checked(const Answer *answer, int family, const Room *room) {
        struct gaih_addrtuple own, before, *tuples = &own;

        memset(&own, POISON, sizeof(own));
        before = own;
        if (!pack_tuples(answer, room->buffer, room->size, &tuples)) {
                ck_assert_mem_eq(&own, &before, sizeof(own));
                return false;
        }
        ck_assert_ptr_eq(tuples, &own);
        check_tuples(tuples, answer);
        return true;
}

static size_t need_own_tuple(int family, size_t n) {
        return (n - 1) * sizeof(struct gaih_addrtuple);
}

static const Shape shapes[] = {
        { pack_host_checked, need_host, true },
        { pack_address_checked, need_address, true },
        { pack_tuples_checked, need_tuples, .name_first = true },
        { pack_own_tuple_checked, need_own_tuple, .name_first = true },
};

static void check_sizes(const Shape *shape, const Answer *answer, int family, size_t need, size_t offset) {
        size_t name_size = strlen(answer_name(answer, answer->entries)) + 1;
        size_t aligned = offset + (shape->name_first ? name_size : 0);
        size_t all = need + name_size + (ALIGN - aligned % ALIGN) % ALIGN;

        for (size_t size = 0; size <= all + 2; size++) {
                Room room = room_new(offset, size);
                bool packed = shape->pack(answer, family, &room);

                ck_assert_msg(packed == (size >= all), "offset %zu, size %zu of %zu", offset, size, all);
                room_check(&room, packed);
                free(room.memory);
        }
}

START_TEST(every_buffer) {
        static const char *const names[] = { "a", "web1", "a name of twenty-seven bytes" };
        static const int families[] = { AF_INET, AF_INET6, AF_UNSPEC };
        const Shape *shape = &shapes[_i];

        for (size_t f = 0; f < ELEMENTS(families) - (shape->one_family ? 1 : 0); f++)
                for (size_t n = 1; n <= 4; n++)
                        for (size_t i = 0; i < ELEMENTS(names); i++)
                                for (size_t offset = 0; offset < OFFSETS; offset++) {
                                        Answer answer;

                                        answer_fill(&answer, names[i], families[f], n);
                                        check_sizes(shape, &answer, families[f],
                                                        shape->need(families[f], n), offset);
                                }
}
END_TEST

/* As many as a record can hold. */
START_TEST(largest_answer) {
        size_t n = (INDEX_RECORD_MAX - INDEX_VALUE_HEAD - 256) / sizeof(IndexEntry);
        const Shape *shape = &shapes[_i];
        int family = shape->one_family ? AF_INET6 : AF_UNSPEC;
        char name[256];
        Answer answer;

        memset(name, 'x', 255);
        name[255] = '\0';
        answer_fill(&answer, name, family, n);
        for (size_t offset = 0; offset < 2; offset++) {
                size_t need = shape->need(family, n) + sizeof(name) + (offset ? ALIGN - offset : 0);
                Room small = room_new(offset, need - 1), enough = room_new(offset, need);

                ck_assert(!shape->pack(&answer, family, &small));
                ck_assert(shape->pack(&answer, family, &enough));
                room_check(&small, false);
                room_check(&enough, true);
                free(small.memory);
                free(enough.memory);
        }
}
END_TEST

/* glibc before 2.36, with [SUCCESS=continue]: each module gets the same buffer from its beginning, and is to
 * continue the list that lies in it. */
START_TEST(continued) {
        _Alignas(16) char buffer[1024];
        struct gaih_addrtuple own = { 0 }, *tuples = &own, **end = &tuples;
        Answer answers[3];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTS(answers); i++) {
                answer_fill(&answers[i], i == 0 ? "first" : "another one", AF_UNSPEC, 3 - i % 2);
                ck_assert(pack_tuples(&answers[i], buffer + _i, sizeof(buffer) - (size_t) _i, end));
                for (; *end; end = &(*end)->next)
                        ck_assert_uint_lt(n++, 8);
        }

        ck_assert_uint_eq(n, 8);
        for (const struct gaih_addrtuple *t = tuples; t; t = t->next) {
                const Answer *answer = &answers[n > 5 ? 0 : n > 3 ? 1 : 2];
                const IndexEntry *entry = &answer->entries[n > 5 ? 8 - n : n > 3 ? 5 - n : 3 - n];

                ck_assert_str_eq(t->name, answer_name(answer, entry));
                ck_assert_mem_eq(t->addr, entry->address, sizeof(t->addr));
                n--;
        }
        ck_assert_uint_eq(n, 0);
}
END_TEST

/* … and no room behind what lies there. */
START_TEST(continued_too_small) {
        struct gaih_addrtuple buffer[4] = { 0 }, **end = &buffer[1].next;
        Answer answer;

        answer_fill(&answer, "web1", AF_INET, 2);
        ck_assert(!pack_tuples(&answer, (char *) buffer, sizeof(buffer), end));
        ck_assert_ptr_null(*end);
        answer_fill(&answer, "web1", AF_INET, 1);
        ck_assert(pack_tuples(&answer, (char *) buffer, sizeof(buffer), end));
        ck_assert((const void *) *end > (const void *) &buffer[2]);
        ck_assert_ptr_null((*end)->next);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("packer");
        TCase *tcase = tcase_create("packer");
        SRunner *runner;
        int n_failed;

        tcase_set_timeout(tcase, 60);
        tcase_add_loop_test(tcase, every_buffer, 0, ELEMENTS(shapes));
        tcase_add_loop_test(tcase, largest_answer, 0, ELEMENTS(shapes));
        tcase_add_loop_test(tcase, continued, 0, 8);
        tcase_add_test(tcase, continued_too_small);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        n_failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
