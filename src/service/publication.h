/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The published index: the file in the runtime directory that the NSS modules read.
 * It is written beside and renamed into place, so that nobody sees half of it.
 */

#include "index/format.h"

/* Publishes the index in index_fd.  The file gets the lease directory's mtime, so that
 * anyone can see whether it is current.  Returns 0, and what publication_identify() will say of the file
 * for as long as nobody touches it; or a negative errno. */
int publication_write(const char *runtime_directory, int index_fd, const StatSignature *signature,
                StatSignature *ret);

/* Publishes an index without names: INDEX_FAILED, INDEX_ABSENT, or an INDEX_LIVE one that is never
 * current. */
int publication_write_state(const char *runtime_directory, IndexState state, StatSignature *ret);

/* What stat(2) says of the published file, which tells it from any other.  Returns 0 or a
 * negative errno. */
int publication_identify(const char *runtime_directory, StatSignature *ret);

/* Takes the index away, so that the modules ask the service.  Returns 0, also where there was
 * none, or a negative errno. */
int publication_remove(const char *runtime_directory);

/* META of what is published.  Returns 0, or a negative errno: -ENOENT, -EBADMSG. */
int publication_meta(const char *runtime_directory, IndexMeta *ret);
