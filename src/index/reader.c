/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A reader of our own cdb.  The whole format: the hash of a key selects one of the 256 tables that the first
 * 2048 bytes of the file list.  The slots of a table, probed from the hash's own one, contain (hash,
 * position); position 0 ends the search.  At a position are the lengths of key and value, and both.  A cdb
 * is little-endian.
 */

#include "index/reader.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "index/key.h"
#include "names/name.h"
#include "util/util.h"

/* How many slots one read brings: all of a small table; of a larger one those that a search usually needs.
 * More would be bytes that aren't in the caches. */
#define SLOTS_WHOLE 128U
#define SLOTS_WINDOW 64U

/* Most records are smaller than this: one read brings them. */
#define RECORD_READ 256U

static uint32_t load_u32(const void *p) {
        uint32_t v;

        memcpy(&v, p, sizeof(v));
        return le32toh(v);
}

static const uint8_t *index_bytes(const Index *index) {
        return index->map ? index->map : index->head;
}

/* Reads size bytes at position, from the head or map if it has them. */
static int index_read(const Index *index, uint32_t position, void *buffer, size_t size) {
        ssize_t n;

        if ((uint64_t) position + size <= index->size) {
                memcpy(buffer, index_bytes(index) + position, size);
                return 0;
        }

        do
                n = pread(index->fd, buffer, size, position);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return (size_t) n == size ? 0 : -EBADMSG;
}

/* As index_read(), but reads between least and most bytes, as many as there are.  Returns their number. */
static int index_read_some(const Index *index, uint32_t position, void *buffer, size_t least, size_t most) {
        ssize_t n;

        if ((uint64_t) position + least <= index->size) {
                n = MIN2(most, index->size - position);
                memcpy(buffer, index_bytes(index) + position, n);
                return (int) n;
        }

        do
                n = pread(index->fd, buffer, most, position);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return (size_t) n >= least ? (int) n : -EBADMSG;
}

int index_load(int fd, Index *ret) {
        const uint8_t *meta = ret->head + INDEX_TOC_SIZE;
        ssize_t n;

        do
                n = pread(fd, ret->head, INDEX_HEAD_SIZE, 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if ((size_t) n < INDEX_META_POSITION + sizeof(IndexMeta))
                return -EBADMSG;

        ret->fd = fd;
        ret->size = n;
        ret->map = NULL;
        if (load_u32(meta) != INDEX_META_KEY_LENGTH || load_u32(meta + 4) != sizeof(IndexMeta) ||
                        memcmp(meta + 8, INDEX_META_KEY, INDEX_META_KEY_LENGTH) != 0)
                return -EBADMSG;
        return index_meta(ret).magic == INDEX_FORMAT_MAGIC ? 0 : -EBADMSG;
}

IndexMeta index_meta(const Index *index) {
        IndexMeta m;

        memcpy(&m, index->head + INDEX_META_POSITION, sizeof(m));
        return m;
}

void stat_signature(const struct stat *st, StatSignature *ret) {
        *ret = (StatSignature) {
                .device = st->st_dev,
                .inode = st->st_ino,
                .mtime_sec = st->st_mtim.tv_sec,
                .mtime_nsec = (uint32_t) st->st_mtim.tv_nsec,
                .ctime_sec = st->st_ctim.tv_sec,
                .ctime_nsec = (uint32_t) st->st_ctim.tv_nsec,
        };
}

bool index_is_current(const IndexMeta *meta, const struct stat *st) {
        StatSignature signature;

        stat_signature(st, &signature);
        return meta->state == INDEX_LIVE && memcmp(&meta->signature, &signature, sizeof(signature)) == 0;
}

static uint32_t cdb_hash_of(const IndexKey *key) {
        uint32_t h = 5381;

        for (size_t i = 0; i < key->length; i++)
                h = (h + (h << 5)) ^ (uint8_t) key->bytes[i];
        return h;
}

/* Reads the record at position.  If it has the key, moves its value to the front of the buffer and returns
 * the value's size; else returns 0.  Returns a negative errno on failure. */
static int record_read(const Index *index, uint32_t position, const IndexKey *key, char *buffer) {
        uint32_t value_length, size;
        int n, r;

        n = index_read_some(index, position, buffer, 8, RECORD_READ);
        if (n < 0)
                return n;
        if (load_u32(buffer) != key->length)
                return 0;

        value_length = load_u32(buffer + 4);
        if (value_length < INDEX_VALUE_HEAD || value_length > INDEX_RECORD_MAX - 8 - key->length)
                return -EBADMSG;

        size = 8 + (uint32_t) key->length + value_length;
        if ((uint32_t) n < size) {
                if (position > UINT32_MAX - size)
                        return -EBADMSG;
                r = index_read(index, position + (uint32_t) n, buffer + n, size - (uint32_t) n);
                if (r < 0)
                        return r;
        }
        if (memcmp(buffer + 8, key->bytes, key->length) != 0)
                return 0;

        memmove(buffer, buffer + 8 + key->length, value_length);
        return (int) value_length;
}

/* Returns the size of the value that was found, in buffer; 0 if there is none. */
static int record_find(const Index *index, const IndexKey *key, char *buffer) {
        uint32_t hash = cdb_hash_of(key), same = 0;
        uint32_t table = load_u32(index->head + 8 * (hash & 255));
        uint32_t n_slots = load_u32(index->head + 8 * (hash & 255) + 4);
        uint32_t slot;

        if (n_slots == 0)
                return 0;
        if (table + 8 * (uint64_t) n_slots > UINT32_MAX)
                return -EBADMSG;

        slot = (hash >> 8) % n_slots;
        for (uint32_t seen = 0; seen < MIN2(n_slots, INDEX_SLOTS_MAX);) {
                uint8_t window[8 * SLOTS_WHOLE];
                bool whole = n_slots <= SLOTS_WHOLE;
                uint32_t first = whole ? 0 : slot;
                uint32_t n = whole ? n_slots : MIN2(SLOTS_WINDOW, n_slots - first);
                int r;

                r = index_read(index, table + 8 * first, window, 8 * n);
                if (r < 0)
                        return r;

                for (uint32_t i = 0; i < n; i++) {
                        const uint8_t *w = window + 8 * (whole ? (slot + i) % n_slots : i);
                        uint32_t position = load_u32(w + 4);

                        if (position == 0)
                                return 0;
                        if (load_u32(w) != hash)
                                continue;
                        if (++same > INDEX_SAME_HASH_MAX)
                                return -EBADMSG;
                        r = record_read(index, position, key, buffer);
                        if (r != 0)
                                return r;
                }
                seen += n;
                slot = (slot + n) % n_slots;
        }
        return n_slots > INDEX_SLOTS_MAX ? -EBADMSG : 0;
}

/* Checks the structure of a value. */
static int value_check(Answer *answer, size_t size) {
        size_t names;
        uint16_t n;

        memcpy(&n, answer->buffer, sizeof(n));
        names = INDEX_VALUE_HEAD + n * sizeof(IndexEntry);
        if (n == 0 || names >= size || answer->buffer[size - 1] != '\0')
                return -EBADMSG;

        answer->n_entries = n;
        answer->entries = (IndexEntry *) (void *) (answer->buffer + INDEX_VALUE_HEAD);
        for (size_t i = 0; i < n; i++) {
                IndexEntry *e = answer->entries + i;

                if (e->name < names || e->name >= size || e->interface[sizeof(e->interface) - 1] != '\0')
                        return -EBADMSG;
        }
        return 0;
}

static int value_find(const Index *index, const IndexKey *key, Answer *ret) {
        int r;

        r = record_find(index, key, ret->buffer);
        if (r <= 0)
                return r;
        r = value_check(ret, (size_t) r);
        return r < 0 ? r : 1;
}

static bool entry_expired(const IndexEntry *e, int64_t now) {
        return e->expiry != 0 && e->expiry < now;
}

static bool entry_outlasts(const IndexEntry *a, const IndexEntry *b) {
        return b->expiry != 0 && (a->expiry == 0 || a->expiry > b->expiry);
}

/* Whether the name is another entry's at this time. */
static bool entry_is_outrun(const IndexEntry *e, int64_t now) {
        return e->outrun_until == INDEX_OUTRUN_ALWAYS || (e->outrun_until > 0 && now <= e->outrun_until);
}

static bool entry_on_interface(const IndexEntry *e, const char *interface) {
        return !interface || strcmp(e->interface, interface) == 0;
}

static bool entry_same_address(const IndexEntry *a, const IndexEntry *b) {
        if (a->family != b->family || memcmp(a->address, b->address, address_length(a->family)) != 0)
                return false;
        return !address_is_link_local(a->family, a->address) || strcmp(a->interface, b->interface) == 0;
}

/* Appends an entry to the chosen ones, unless they have its address. */
static void answer_add_address(Answer *answer, const IndexEntry *e) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                IndexEntry *had = answer->entries + i;

                if (!entry_same_address(had, e))
                        continue;
                if (!entry_outlasts(e, had))
                        return;
                memmove(had, had + 1, (answer->n_entries - i - 1) * sizeof(*had));
                answer->n_entries--;
                break;
        }
        answer->entries[answer->n_entries] = *e;
        answer->entries[answer->n_entries++].ifindex = 0;
}

/* Whether the entry's canonical name is the one that was asked for.  It always is, unless somebody other
 * than the service wrote the index. */
static bool entry_has_name(const Answer *answer, const IndexEntry *e, const char *folded) {
        char name[NAME_SIZE];

        return name_fold(answer_name(answer, e), name) > 0 && strcmp(name, folded) == 0;
}

/* Keeps the entries that answer the question, in place, and returns what was found. */
static LookupResult answer_choose(Answer *answer, const char *folded, int family, const char *interface,
                int64_t now) {
        size_t n = answer->n_entries, newest_expired = n;
        bool other = false, leaseless = false;
        uint16_t good_name = 0;

        answer->n_entries = 0;
        for (size_t i = 0; i < n; i++) {
                const IndexEntry e = answer->entries[i];

                if (e.name != good_name && !entry_has_name(answer, &e, folded))
                        continue;
                good_name = e.name;

                if (e.family == AF_UNSPEC)
                        leaseless = true;
                else if (!address_is_guests(e.family, e.address))
                        continue;
                else if (entry_expired(&e, now))
                        newest_expired = MIN2(newest_expired, i);
                else if (entry_is_outrun(&e, now))
                        continue;
                else if ((family != AF_UNSPEC && family != e.family) || !entry_on_interface(&e, interface))
                        other = true;
                else
                        answer_add_address(answer, &e);
        }

        if (answer->n_entries > 0)
                return LOOKUP_FOUND;
        if (other)
                return LOOKUP_NO_FAMILY;
        if (newest_expired < n) {
                answer->entries[0] = answer->entries[newest_expired];
                answer->entries[0].ifindex = 0;
                return LOOKUP_EXPIRED;
        }
        return leaseless ? LOOKUP_NO_LEASE : LOOKUP_NO_NAME;
}

int index_find_name(const Index *index, NameVariant variant, const char *name, int family,
                const char *interface, int64_t now, Answer *ret) {
        const IndexMeta meta = index_meta(index);
        char folded[NAME_SIZE];
        IndexKey key;
        int r;

        if (name_fold(name, folded) == 0 || name_is_reserved(folded))
                return LOOKUP_NO_NAME;

        index_key_of_name(&meta.salt, variant, folded, &key);
        r = value_find(index, &key, ret);
        if (r < 0)
                return r;
        return r == 0 ? LOOKUP_NO_NAME : (int) answer_choose(ret, folded, family, interface, now);
}

/* Appends an entry to the chosen ones, unless they have its name. */
static void answer_add_name(Answer *answer, const IndexEntry *e) {
        for (size_t i = 0; i < answer->n_entries; i++)
                if (name_equal(answer_name(answer, answer->entries + i), answer_name(answer, e)))
                        return;
        answer->entries[answer->n_entries] = *e;
        answer->entries[answer->n_entries++].ifindex = 0;
}

static bool entry_names_address(const Answer *answer, const IndexEntry *e, int family,
                const uint8_t *address) {
        char folded[NAME_SIZE];

        return e->family == family && memcmp(e->address, address, address_length(family)) == 0 &&
               name_fold(answer_name(answer, e), folded) > 0 && name_is_hostname(folded) &&
               !name_is_reserved(folded);
}

static LookupResult answer_choose_names(Answer *answer, NameVariant variant, int family,
                const uint8_t *address, const char *interface, int64_t now) {
        size_t n = answer->n_entries;
        bool expired = false;

        answer->n_entries = 0;
        for (size_t i = 0; i < n; i++) {
                const IndexEntry e = answer->entries[i];

                if ((variant != 0 && e.variant != variant) || !entry_on_interface(&e, interface) ||
                                !entry_names_address(answer, &e, family, address))
                        continue;
                if (entry_expired(&e, now))
                        expired = true;
                else if (!entry_is_outrun(&e, now))
                        answer_add_name(answer, &e);
        }
        return answer->n_entries > 0 ? LOOKUP_FOUND : expired ? LOOKUP_EXPIRED : LOOKUP_NO_NAME;
}

int index_find_address(const Index *index, NameVariant variant, int family, const uint8_t *address,
                const char *interface, int64_t now, Answer *ret) {
        const IndexMeta meta = index_meta(index);
        IndexKey key;
        int r;

        if (!address_is_guests(family, address) || address_is_link_local(family, address))
                return LOOKUP_NO_NAME;

        index_key_of_address(&meta.salt, family, address, &key);
        r = value_find(index, &key, ret);
        if (r < 0)
                return r;
        return r == 0 ? LOOKUP_NO_NAME :
                        (int) answer_choose_names(ret, variant, family, address, interface, now);
}
