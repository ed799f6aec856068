/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Compares two catalogs.  libvirt's helper changes one entry of a file and keeps the order of the others, so
 * walking both lists in parallel pairs nearly all leases; the unmatched ones are sorted, and merged.
 */

#include "service/changes.h"

#include <string.h>

typedef struct Side {
        const Catalog *catalog;
        int64_t time;
        BindingSource source;
        size_t end;             /* of the source's bindings; next starts at the first */
        size_t next, lookahead; /* into catalog->bindings: the lease to pair, and the one after it */
        size_t n_unmatched;
        const CatalogBinding **unmatched; /* leases that the walk didn't pair */
} Side;

static const char *side_interface(const Side *side, const CatalogBinding *l) {
        return side->catalog->networks[l->network].interface;
}

static bool side_has(const Side *side, const CatalogBinding *b) {
        if (b->binding->source == SOURCE_SEEN)
                return judged_verdict(side->catalog->seen + b->binding->position, side->time) == SEEN_GOOD;
        return !binding_expired(b->binding->expiry, side->time);
}

/* The first valid lease at or after *at, or NULL.  Sets *at to its position. */
static const CatalogBinding *side_seek(const Side *side, size_t *at) {
        for (; *at < side->end; ++*at)
                if (side_has(side, side->catalog->bindings + *at))
                        return side->catalog->bindings + *at;
        return NULL;
}

/* Initializes the side of a catalog; NULL: no leases. */
static int side_begin(Side *side, BindingSource source, const Catalog *catalog, int64_t time) {
        *side = (Side) { .catalog = catalog, .time = time, .source = source };
        if (catalog && source == SOURCE_LEASE)
                side->end = catalog->n_leases;
        else if (catalog) {
                side->next = side->end = catalog->n_leases;
                while (side->end < catalog->n_bindings &&
                                catalog->bindings[side->end].binding->source == source)
                        side->end++;
        }
        side->unmatched = calloc(side->end - side->next + 1, sizeof(*side->unmatched));
        return side->unmatched ? 0 : -ENOMEM;
}

static const CatalogBinding *side_next(Side *side) {
        return side_seek(side, &side->next);
}

static const CatalogBinding *side_lookahead(Side *side) {
        side->lookahead = MAX2(side->lookahead, side->next + 1);
        return side_seek(side, &side->lookahead);
}

static int lease_compare(const Side *a, const CatalogBinding *x, const Side *b, const CatalogBinding *y) {
        int r;

        r = strcmp(side_interface(a, x), side_interface(b, y));
        if (r != 0)
                return r;
        r = address_compare(&x->binding->address, &y->binding->address);
        if (r != 0)
                return r;
        if (x->binding->has_mac != y->binding->has_mac)
                return x->binding->has_mac ? 1 : -1;
        return memcmp(&x->binding->mac, &y->binding->mac, sizeof(MacAddress));
}

static bool text_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

static bool lease_equal(const Side *a, const CatalogBinding *x, const Side *b, const CatalogBinding *y) {
        if ((a->source == SOURCE_LEASE && x->binding->expiry != y->binding->expiry) ||
                        x->nameless != y->nameless || x->n_claims != y->n_claims ||
                        !text_equal(x->binding->hostname, y->binding->hostname) ||
                        !text_equal(x->binding->client_id, y->binding->client_id) ||
                        !text_equal(x->domain, y->domain))
                return false;
        for (uint32_t i = 0; i < x->n_claims; i++) {
                const Claim *c = a->catalog->claims + x->first_claim + i;
                const Claim *d = b->catalog->claims + y->first_claim + i;

                if (claim_judge(c, a->time) != claim_judge(d, b->time) || c->variant != d->variant ||
                                strcmp(c->name, d->name) != 0)
                        return false;
        }
        return true;
}

static int unmatched_compare(const void *a, const void *b, void *userdata) {
        const CatalogBinding *const *x = a, *const *y = b;

        return lease_compare(userdata, *x, userdata, *y);
}

/* Pairs leases by position, without sorting. */
static void sides_walk(Side *before, Side *after, ChangeCallback callback, void *userdata) {
        const CatalogBinding *x, *y, *ahead;

        while ((x = side_next(before)) && (y = side_next(after))) {
                if (lease_compare(before, x, after, y) == 0) {
                        if (!lease_equal(before, x, after, y))
                                callback(CHANGE_CHANGED, after->catalog, y, x, userdata);
                        before->next++;
                        after->next++;
                } else if ((ahead = side_lookahead(after)) && lease_compare(before, x, after, ahead) == 0) {
                        after->unmatched[after->n_unmatched++] = y;
                        after->next++;
                } else {
                        before->unmatched[before->n_unmatched++] = x;
                        before->next++;
                }
        }
        for (; (x = side_next(before)); before->next++)
                before->unmatched[before->n_unmatched++] = x;
        for (; (y = side_next(after)); after->next++)
                after->unmatched[after->n_unmatched++] = y;
}

static void sides_merge(Side *before, Side *after, ChangeCallback callback, void *userdata) {
        size_t i = 0, k = 0;

        qsort_r(before->unmatched, before->n_unmatched, sizeof(*before->unmatched), unmatched_compare,
                        before);
        qsort_r(after->unmatched, after->n_unmatched, sizeof(*after->unmatched), unmatched_compare, after);
        while (i < before->n_unmatched || k < after->n_unmatched) {
                int r = i == before->n_unmatched ? 1 :
                        k == after->n_unmatched  ? -1 :
                                                   lease_compare(before, before->unmatched[i], after,
                                                                   after->unmatched[k]);

                if (r < 0)
                        callback(CHANGE_REMOVED, before->catalog, before->unmatched[i++], NULL, userdata);
                else if (r > 0)
                        callback(CHANGE_ADDED, after->catalog, after->unmatched[k++], NULL, userdata);
                else {
                        if (!lease_equal(before, before->unmatched[i], after, after->unmatched[k]))
                                callback(CHANGE_CHANGED, after->catalog, after->unmatched[k],
                                                before->unmatched[i], userdata);
                        i++;
                        k++;
                }
        }
}

int catalog_compare(BindingSource source, const Catalog *before, int64_t before_time, const Catalog *after,
                int64_t after_time, ChangeCallback callback, void *userdata) {
        Side b, a = { 0 };
        int r;

        r = side_begin(&b, source, before, before_time);
        if (r >= 0)
                r = side_begin(&a, source, after, after_time);
        if (r >= 0) {
                sides_walk(&b, &a, callback, userdata);
                sides_merge(&b, &a, callback, userdata);
        }
        free(b.unmatched);
        free(a.unmatched);
        return r;
}
