/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All functions work the same way: compute the size, compare it once with the space available, then fill.
 * The only padding comes before the first pointer: for hosts, the order is pointers, addresses, name; for
 * tuples, name, pointers. So appending never overwrites anything.
 *
 * Only tests use the assertions; the modules are built without them: a library in other people's processes
 * must not end them.
 */

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "names/name.h"
#include "packer.h"

typedef struct Packer {
        char *next;
        size_t left;
} Packer;

static bool packer_begin(Packer *packer, char *buffer, size_t size, size_t need) {
        size_t padding = -(uintptr_t) buffer % _Alignof(struct gaih_addrtuple);

        if (size < padding || size - padding < need)
                return false;
        *packer = (Packer) { .next = buffer + padding, .left = need };
        return true;
}

static void *packer_take(Packer *packer, size_t size) {
        void *taken = packer->next;

        assert(size <= packer->left);
        packer->next += size;
        packer->left -= size;
        return taken;
}

static void *packer_copy(Packer *packer, const void *data, size_t size) {
        return memcpy(packer_take(packer, size), data, size);
}

/* stride: the distance between two of the n addresses, in bytes. */
static bool pack(const char *name, int family, const uint8_t *addresses, size_t n, size_t stride,
                char *buffer, size_t size, struct hostent *ret) {
        size_t length = address_length(family), name_size = strlen(name) + 1;
        char **list, **aliases;
        Packer packer;

        if (!packer_begin(&packer, buffer, size, (n + 2) * sizeof(char *) + n * length + name_size))
                return false;

        list = packer_take(&packer, (n + 1) * sizeof(char *));
        aliases = packer_take(&packer, sizeof(char *));
        for (size_t i = 0; i < n; i++)
                list[i] = packer_copy(&packer, addresses + i * stride, length);
        list[n] = NULL;
        *aliases = NULL;

        *ret = (struct hostent) {
                .h_name = packer_copy(&packer, name, name_size),
                .h_aliases = aliases,
                .h_addrtype = family,
                .h_length = (int) length,
                .h_addr_list = list,
        };
        assert(packer.left == 0);
        return true;
}

bool pack_host(const Answer *answer, int family, char *buffer, size_t size, struct hostent *ret) {
        return pack(answer_name(answer, answer->entries), family, answer->entries->address, answer->n_entries,
                        sizeof(IndexEntry), buffer, size, ret);
}

bool pack_host_of_address(const Answer *answer, int family, const uint8_t *address, char *buffer, size_t size,
                struct hostent *ret) {
        return pack(answer_name(answer, answer->entries), family, address, 1, 0, buffer, size, ret);
}

static void tuple_fill(struct gaih_addrtuple *tuple, const IndexEntry *entry, char *name) {
        int family = entry->family;

        *tuple = (struct gaih_addrtuple) { .name = name, .family = family };
        memcpy(tuple->addr, entry->address, address_length(family));
        if (address_is_link_local(family, entry->address))
                tuple->scopeid = entry->ifindex;
}

/* glibc before 2.36, with [SUCCESS=continue], passes the buffer again from its beginning, with the earlier
 * tuples, to which this answer is appended.  Returns their size: next is a tuple's first member. */
static size_t size_before(struct gaih_addrtuple **tuples, const char *buffer, size_t size) {
        uintptr_t offset = (uintptr_t) tuples - (uintptr_t) buffer;

        return offset < size ? offset + sizeof(struct gaih_addrtuple) : 0;
}

bool pack_tuples(const Answer *answer, char *buffer, size_t size, struct gaih_addrtuple **tuples) {
        const char *name = answer_name(answer, answer->entries);
        size_t begin = size_before(tuples, buffer, size), tuples_begin = begin + strlen(name) + 1;
        struct gaih_addrtuple *first = *tuples, *packed, **link = &first;
        size_t n_packed = answer->n_entries - (first ? 1 : 0);
        Packer packer;
        char *name_packed;

        if (size < tuples_begin || !packer_begin(&packer, buffer + tuples_begin, size - tuples_begin,
                                                   n_packed * sizeof(struct gaih_addrtuple)))
                return false;

        name_packed = memcpy(buffer + begin, name, tuples_begin - begin);
        packed = packer_take(&packer, n_packed * sizeof(struct gaih_addrtuple));
        for (size_t i = 0; i < answer->n_entries; i++) {
                if (!*link)
                        *link = packed++;
                tuple_fill(*link, &answer->entries[i], name_packed);
                link = &(*link)->next;
        }
        assert(packer.left == 0);
        *tuples = first;
        return true;
}
