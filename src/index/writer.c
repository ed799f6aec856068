/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing the index: the claims, grouped by key, each group one record.
 */

#include "index/writer.h"

#include <cdb.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "index/key.h"
#include "names/name.h"

/* A record that is being made. */
typedef struct Record {
        IndexSalt salt;
        IndexKey key;
        uint16_t n_entries;
        IndexEntry entries[INDEX_RECORD_MAX / sizeof(IndexEntry)];
        const char *names[INDEX_RECORD_MAX / sizeof(IndexEntry)];
        size_t ranks[INDEX_RECORD_MAX / sizeof(IndexEntry)]; /* in the order of answers */
        size_t size;                                         /* of key and value, with all names so far */
        size_t n_dropped;
} Record;

/* Starts a record whose key has been set. */
static void record_start(Record *record) {
        record->n_entries = 0;
        record->size = 8 + record->key.length + INDEX_VALUE_HEAD;
}

/* The entry of this record that has the same canonical name, or else the next free one. */
static uint16_t record_find_name(const Record *record, const char *name) {
        uint16_t i = 0;

        while (i < record->n_entries && record->names[i] != name && strcmp(record->names[i], name) != 0)
                i++;
        return i;
}

/* The time as the format has it. */
static uint32_t outrun_until(const Claim *claim) {
        if (claim->outrun_until <= 0)
                return 0;
        return (uint32_t) MIN2(claim->outrun_until, INDEX_OUTRUN_ALWAYS);
}

/* Whether a claim is ever answered: running domains don't have its name for as long as its lease lasts. */
static bool claim_is_answered(const Catalog *catalog, const Claim *claim) {
        int64_t expiry;

        if (claim->verdict != NAME_GOOD || claim->binding == CATALOG_NONE)
                return claim->verdict == NAME_GOOD;
        expiry = catalog->bindings[claim->binding].binding->expiry;
        return claim->outrun_until < (expiry == 0 ? INT64_MAX : expiry);
}

static void record_add(Record *record, const Catalog *catalog, const Claim *claim, size_t rank) {
        uint16_t same = record_find_name(record, claim->name);
        size_t need = sizeof(IndexEntry) + (same < record->n_entries ? 0 : strlen(claim->name) + 1);
        IndexEntry *e = record->entries + record->n_entries;

        if (record->size + need > INDEX_RECORD_MAX) {
                record->n_dropped++;
                return;
        }

        *e = (IndexEntry) { .variant = claim->variant & 15, .name = same };
        memcpy(e->interface, catalog->networks[claim->network].interface, sizeof(e->interface));
        if (claim->binding != CATALOG_NONE) {
                const Binding *b = catalog->bindings[claim->binding].binding;

                e->expiry = b->expiry;
                e->family = b->address.family;
                e->source = b->source & 15;
                e->outrun_until = outrun_until(claim);
                memcpy(e->address, b->address.bytes, sizeof(e->address));
        }
        record->ranks[record->n_entries] = rank;
        record->names[record->n_entries++] = claim->name;
        record->size += need;
}

/* Whether a claim is a lease's that never expires. */
static bool claim_lasts(const Catalog *catalog, const Claim *claim) {
        return claim->binding < catalog->n_leases && catalog->bindings[claim->binding].binding->expiry == 0;
}

/* Adds the good ones of n claims, given in the order of answers.  Those that never expire are last in that
 * order, but must not be the ones that don't fit: they are added first. */
static void record_fill(Record *record, const Catalog *catalog, const uint32_t *claims, size_t n) {
        for (int pass = 0; pass < 2; pass++)
                for (size_t i = 0; i < n; i++) {
                        const Claim *c = catalog->claims + claims[i];

                        if (claim_is_answered(catalog, c) && claim_lasts(catalog, c) == (pass == 0))
                                record_add(record, catalog, c, i);
                }
}

/* How many entries are answered before entry i. */
static size_t record_rank(const Record *record, uint16_t i) {
        size_t rank = 0;

        for (uint16_t k = 0; k < record->n_entries; k++)
                rank += record->ranks[k] < record->ranks[i];
        return rank;
}

/* Writes the record to the database. */
static int record_finish(Record *record, struct cdb_make *cdb) {
        char value[INDEX_RECORD_MAX];
        size_t size = INDEX_VALUE_HEAD + record->n_entries * sizeof(IndexEntry);
        uint16_t n = record->n_entries;

        if (record->n_entries == 0)
                return 0;

        for (uint16_t i = 0; i < record->n_entries; i++) {
                IndexEntry *e = record->entries + i;
                uint16_t same = e->name;

                if (same == i) {
                        size_t length = strlen(record->names[i]) + 1;

                        e->name = (uint16_t) size;
                        memcpy(value + size, record->names[i], length);
                        size += length;
                } else
                        e->name = record->entries[same].name;
        }
        memset(value, 0, INDEX_VALUE_HEAD);
        memcpy(value, &n, sizeof(n));
        for (uint16_t i = 0; i < record->n_entries; i++) {
                const IndexEntry *e = record->entries + i;

                memcpy(value + INDEX_VALUE_HEAD + record_rank(record, i) * sizeof(*e), e, sizeof(*e));
        }

        errno = 0;
        if (cdb_make_add(cdb, record->key.bytes, (unsigned) record->key.length, value, (unsigned) size) < 0)
                return errno > 0 ? -errno : -ENOMEM;
        return 0;
}

static bool claim_same_key(const Claim *a, const Claim *b) {
        return a->variant == b->variant && strcmp(a->key, b->key) == 0;
}

static int names_write(struct cdb_make *cdb, const Catalog *catalog, Record *record) {
        for (size_t i = 0; i < catalog->n_claims;) {
                const Claim *first = catalog->claims + catalog->by_name[i];
                size_t end = i + 1;
                int r;

                while (end < catalog->n_claims &&
                                claim_same_key(first, catalog->claims + catalog->by_name[end]))
                        end++;
                index_key_of_name(&record->salt, first->variant, first->key, &record->key);
                record_start(record);
                record_fill(record, catalog, catalog->by_name + i, end - i);
                r = record_finish(record, cdb);
                if (r < 0)
                        return r;
                i = end;
        }
        return 0;
}

/* Whether a claim also names its binding's address. */
static bool claim_is_reverse(const Catalog *catalog, const Claim *claim) {
        const Address *a;

        if (claim->binding == CATALOG_NONE || catalog->bindings[claim->binding].nameless ||
                        !claim_is_answered(catalog, claim))
                return false;
        a = &catalog->bindings[claim->binding].binding->address;
        return !address_is_link_local(a->family, a->bytes) && name_is_hostname(claim->key);
}

static int reverse_compare(const void *a, const void *b, void *userdata) {
        const Catalog *catalog = userdata;
        uint32_t i = *(const uint32_t *) a, k = *(const uint32_t *) b;
        const Claim *x = catalog->claims + i, *y = catalog->claims + k;
        const CatalogBinding *l = catalog->bindings + x->binding, *m = catalog->bindings + y->binding;
        int r;

        r = address_compare(&l->binding->address, &m->binding->address);
        if (r != 0)
                return r;
        if (x->variant != y->variant)
                return x->variant < y->variant ? -1 : 1;
        r = catalog_binding_compare(l, m);
        if (r != 0)
                return r;
        return i < k ? -1 : i > k;
}

static const Address *claim_address(const Catalog *catalog, uint32_t claim) {
        return &catalog->bindings[catalog->claims[claim].binding].binding->address;
}

/* If an address has a lease, drops its other names: they never change a lease's answer.  Returns the number
 * of remaining claims, out of n. */
static size_t claims_drop_static(const Catalog *catalog, uint32_t *claims, size_t n) {
        size_t n_leases = 0;

        for (size_t i = 0; i < n; i++)
                if (catalog->claims[claims[i]].binding < catalog->n_leases)
                        claims[n_leases++] = claims[i];
        return n_leases > 0 ? n_leases : n;
}

static int addresses_write(struct cdb_make *cdb, const Catalog *catalog, Record *record) {
        _cleanup_(freep) uint32_t *claims = NULL;
        size_t n = 0;

        claims = calloc(catalog->n_claims + 1, sizeof(*claims));
        if (!claims)
                return -ENOMEM;
        for (size_t i = 0; i < catalog->n_claims; i++)
                if (claim_is_reverse(catalog, catalog->claims + i))
                        claims[n++] = (uint32_t) i;
        qsort_r(claims, n, sizeof(*claims), reverse_compare, (void *) catalog);

        for (size_t i = 0; i < n;) {
                const Address *address = claim_address(catalog, claims[i]);
                size_t end = i + 1;
                int r;

                while (end < n && address_compare(claim_address(catalog, claims[end]), address) == 0)
                        end++;
                index_key_of_address(&record->salt, address->family, address->bytes, &record->key);
                record_start(record);
                record_fill(record, catalog, claims + i, claims_drop_static(catalog, claims + i, end - i));
                r = record_finish(record, cdb);
                if (r < 0)
                        return r;
                i = end;
        }
        return 0;
}

static int meta_write(struct cdb_make *cdb, const IndexMeta *meta) {
        if (cdb_make_add(cdb, INDEX_META_KEY, INDEX_META_KEY_LENGTH, meta, sizeof(*meta)) < 0)
                return -errno;
        return 0;
}

int index_write(int fd, const IndexMeta *meta, const Catalog *catalog, size_t *ret_dropped) {
        _cleanup_(freep) Record *record = NULL;
        struct cdb_make cdb;
        size_t dropped;
        int r;

        record = calloc(1, sizeof(*record));
        if (!record)
                return -ENOMEM;
        record->salt = meta->salt;
        if (cdb_make_start(&cdb, fd) < 0)
                return -errno;

        r = meta_write(&cdb, meta);
        if (r >= 0 && catalog)
                r = names_write(&cdb, catalog, record);
        if (r >= 0 && catalog && catalog->reverse)
                r = addresses_write(&cdb, catalog, record);
        dropped = record->n_dropped;

        /* This frees the tables, so it is needed after a failure, too.  It sets ENOENT if it has no
         * memory. */
        errno = 0;
        if (cdb_make_finish(&cdb) < 0 && r >= 0)
                r = errno == ENOENT ? -ENOMEM : errno > 0 ? -errno : -EIO;
        if (r < 0)
                return r;

        *ret_dropped = dropped;
        return 0;
}

int index_write_meta(int fd, const IndexMeta *meta) {
        if (pwrite(fd, meta, sizeof(*meta), INDEX_META_POSITION) != (ssize_t) sizeof(*meta))
                return errno > 0 ? -errno : -EIO;
        return 0;
}
