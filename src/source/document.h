/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A document: what one file says, parsed.  Immutable and reference-counted; catalogs point into documents and
 * hold a reference to each.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/binding.h"
#include "source/file-kind.h"
#include "source/macs-file.h"
#include "util/util.h"

struct Document {
        unsigned n_refs;
        const FileKind *kind;
        uint64_t digest;       /* document_digest() of its bytes */
        BindingList *bindings; /* NULL if this kind has none */
        MacMap *macs;          /* likewise */
};

/* The key of digests: random, so that nobody can prepare two documents of the same digest. */
typedef struct DigestKey {
        uint8_t bytes[16];
} DigestKey;

/* A 64-bit hash of a file's bytes, to recognize a file that was rewritten with the same bytes. */
uint64_t document_digest(const DigestKey *key, const char *data, size_t size);

/*
 * Parses size bytes.  The document keeps no pointer to them; digest is theirs.  Returns 0 and a document with
 * one reference, the caller's; -EBADMSG if the document as a whole is invalid; -ENOMEM.  On failure *ret is
 * untouched and *error says why.
 */
int document_parse(const FileKind *kind, const char *data, size_t size, uint64_t digest, Document **ret,
                DocumentError *error);

/* Take NULL.  document_ref() returns its argument, document_unref() NULL. */
Document *document_ref(Document *document);
Document *document_unref(Document *document);
DEFINE_CLEANUP(Document *, document_unref);

/* The entries that were invalid. */
const Problems *document_problems(const Document *document);
