/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as the documents of two bridges, a NUL behind each: .status, .macs,
 * .status, .macs.  The catalog and the index that are made from them must agree.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "names/catalog.h"
#include "index/reader.h"
#include "index/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NETWORKS 2U
#define NOW 1000

typedef struct Documents {
        const char *data;
        size_t size;
} Documents;

static const char *document_next(Documents *d, size_t *ret_size) {
        const char *begin = d->data;
        size_t n = strnlen(begin, d->size);

        d->data += MIN2(n + 1, d->size);
        d->size -= MIN2(n + 1, d->size);
        *ret_size = n;
        return begin;
}

/* The reader's entry that a claim of this name and address must have become. */
static bool answer_has(const Answer *answer, const Claim *claim, const Binding *lease) {
        const size_t n = address_length(lease->address.family);

        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *e = answer->entries + i;

                if (name_equal(answer_name(answer, e), claim->name) &&
                    e->family == lease->address.family &&
                    memcmp(e->address, lease->address.bytes, n) == 0)
                        return true;
        }
        return false;
}

/* Whether some good claim in the catalog gives the entry that was answered. */
static bool catalog_has(const Catalog *c, NameVariant variant, const char *key, const IndexEntry *e) {
        size_t first, n = catalog_find(c, variant, key, &first);

        for (size_t i = first; i < first + n; i++) {
                const Claim *claim = c->claims + c->by_name[i];
                const Binding *l;

                if (claim->binding == CATALOG_NONE || claim->verdict != NAME_GOOD)
                        continue;
                l = c->bindings[claim->binding].binding;
                if (memcmp(e->address, l->address.bytes, sizeof(e->address)) == 0 && e->expiry == l->expiry &&
                    strcmp(e->interface, c->networks[claim->network].interface) == 0)
                        return true;
        }
        return false;
}

static bool claim_counts(const Catalog *c, const Claim *claim) {
        return claim_judge(claim, NOW) == NAME_GOOD &&
               !binding_expired(c->bindings[claim->binding].binding->expiry, NOW);
}

static void check_claim(const Catalog *c, const Claim *claim, const Index *index) {
        char folded[NAME_SIZE];
        Answer answer;
        int r;

        assert(name_fold(claim->name, folded) > 0 && strcmp(folded, claim->key) == 0);
        r = index_find_name(index, claim->variant, claim->name, AF_UNSPEC, NULL, NOW, &answer);
        assert(r == LOOKUP_FOUND || r == LOOKUP_NO_NAME || r == LOOKUP_NO_LEASE || r == LOOKUP_EXPIRED);

        if (r == LOOKUP_FOUND)
                for (size_t i = 0; i < answer.n_entries; i++)
                        assert(catalog_has(c, claim->variant, claim->key, answer.entries + i));
        if (claim->binding == CATALOG_NONE)
                assert(claim->verdict != NAME_GOOD || r != LOOKUP_NO_NAME);
        else if (claim_counts(c, claim))
                assert(r == LOOKUP_FOUND && answer_has(&answer, claim, c->bindings[claim->binding].binding));
}

static void check_reverse(const Catalog *c, const Claim *claim, const Index *index) {
        const Address *address = &c->bindings[claim->binding].binding->address;
        Answer answer;
        int r;

        r = index_find_address(index, claim->variant, address->family, address->bytes, NULL, NOW, &answer);
        assert(r == LOOKUP_FOUND || r == LOOKUP_NO_NAME || r == LOOKUP_EXPIRED);
        if (claim_counts(c, claim) && name_is_hostname(claim->key) &&
            !address_is_link_local(address->family, address->bytes))
                assert(r == LOOKUP_FOUND && answer_has(&answer, claim, c->bindings[claim->binding].binding));
}

static void check_catalog(const Catalog *c) {
        static const IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_LIVE };
        _cleanup_(closep) int fd = memfd_create("index", MFD_CLOEXEC);
        size_t dropped;
        Index index;

        assert(fd >= 0 && index_write(fd, &meta, c, &dropped) == 0 && index_load(fd, &index) == 0);
        if (dropped > 0)
                return;
        for (size_t i = 0; i < c->n_claims; i++) {
                check_claim(c, c->claims + i, &index);
                if (c->claims[i].binding != CATALOG_NONE)
                        check_reverse(c, c->claims + i, &index);
        }
}

static void check_networks(const CatalogNetwork *networks) {
        _cleanup_(catalog_freep) Catalog *catalog = NULL;
        NamePolicy policy = { .reverse = true };

        assert(policy_add_suffix(&policy, "lab.example") == 0 &&
                        policy_add_suffix(&policy, "sub.lab.example") == 0);
        assert(policy_add_denied(&policy, "puppet") == 0 &&
                        policy_set_host_name(&policy, "here.lab.example"));
        assert(catalog_new(&(CatalogSources) { .n_networks = NETWORKS, .networks = networks }, &policy,
                        CATALOG_LEASES_MAX, &catalog) == 0);
        check_catalog(catalog);
        policy_clear(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Documents documents = { (const char *) data, size };
        CatalogNetwork networks[NETWORKS] = { { .interface = "virbr0" }, { .interface = "virbr1" } };
        DocumentError error;

        for (size_t i = 0; i < NETWORKS; i++) {
                const char *text;
                size_t n;

                text = document_next(&documents, &n);
                (void) document_parse(file_kinds + FILE_STATUS, text, n, 0, &networks[i].status, &error);
                text = document_next(&documents, &n);
                (void) document_parse(file_kinds + FILE_MACS, text, n, 0, &networks[i].macs, &error);
        }
        check_networks(networks);
        for (size_t i = 0; i < NETWORKS; i++) {
                document_unref(networks[i].status);
                document_unref(networks[i].macs);
        }
        return 0;
}
