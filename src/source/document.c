/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What one file says.
 */

#include "source/document.h"

#include <errno.h>
#include <stdlib.h>

#include "util/siphash.h"

uint64_t document_digest(const DigestKey *key, const char *data, size_t size) {
        return siphash24(key->bytes, data, size);
}

int document_parse(const FileKind *kind, const char *data, size_t size, uint64_t digest, Document **ret,
                DocumentError *error) {
        _cleanup_(document_unrefp) Document *document = NULL;
        int r;

        document = calloc(1, sizeof(*document));
        if (!document)
                return document_error_memory(error);
        document->n_refs = 1;
        document->kind = kind;
        document->digest = digest;

        r = kind->parse(data, size, document, error);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(document);
        return 0;
}

Document *document_ref(Document *document) {
        if (document)
                document->n_refs++;
        return document;
}

Document *document_unref(Document *document) {
        if (!document || --document->n_refs > 0)
                return NULL;
        binding_list_free(document->bindings);
        mac_map_free(document->macs);
        free(document);
        return NULL;
}

const Problems *document_problems(const Document *document) {
        return document->bindings ? &document->bindings->problems : &document->macs->problems;
}
