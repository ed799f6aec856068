/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why a lease's names aren't answered, in words.
 */

#include "names/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void explanation_done(Explanation *explanation) {
        free(explanation->text);
        *explanation = (Explanation) { 0 };
}

/* Whether one claim is to another's name below a suffix. */
static bool claim_is_below(const Claim *claim, const Claim *bare) {
        size_t n = strlen(bare->key);

        return claim->variant == bare->variant && strncmp(claim->key, bare->key, n) == 0 &&
               claim->key[n] == '.';
}

/* Whether the claim to the bare name, which comes later, has the same verdict. */
static bool claim_is_implied(const Catalog *c, const CatalogBinding *b, uint32_t index, int64_t now) {
        const Claim *claim = c->claims + index;

        for (uint32_t i = index + 1; i < b->first_claim + b->n_claims; i++)
                if (claim_is_below(claim, c->claims + i) &&
                                claim_judge(claim, now) == claim_judge(c->claims + i, now))
                        return true;
        return false;
}

static int explanation_add(Explanation *e, const Claim *claim, NameVerdict verdict) {
        _cleanup_(freep) char *before = e->text;
        int r;

        r = asprintf(&e->text, "%s%s%s '%s': %s", before ?: "", before ? "; " : "",
                        claim->variant == VARIANT_DOMAIN ? "domain" : "hostname", claim->name,
                        name_verdict_reason(verdict));
        if (r < 0) {
                e->text = NULL;
                return -ENOMEM;
        }
        return 0;
}

static bool verdict_is_superseded(NameVerdict verdict) {
        return verdict == NAME_SUPERSEDED || verdict == NAME_OF_RUNNING;
}

int catalog_explain(const Catalog *catalog, const CatalogBinding *b, int64_t now, Explanation *ret) {
        _cleanup_(explanation_done) Explanation e = { .superseded = true };

        for (uint32_t i = b->first_claim; i < b->first_claim + b->n_claims; i++) {
                NameVerdict verdict = claim_judge(catalog->claims + i, now);

                if (verdict == NAME_GOOD || claim_is_implied(catalog, b, i, now))
                        continue;
                if (explanation_add(&e, catalog->claims + i, verdict) < 0)
                        return -ENOMEM;
                e.superseded = e.superseded && verdict_is_superseded(verdict);
        }

        e.superseded = e.superseded && e.text;
        *ret = e;
        e.text = NULL;
        return 0;
}
