/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The published index: the file in the runtime directory that the NSS modules read.  A new one is written
 * next to it and renamed over it, so readers see either the old file or the new one.
 */

#include "index/format.h"

/* Publishes the index in index_fd.  The file gets the lease directory's mtime, so that anyone can check
 * whether it is current.  Returns 0, and the signature that publication_identify() returns until somebody
 * modifies the file; or a negative errno. */
int publication_write(const char *runtime_directory, int index_fd, const StatSignature *signature,
                StatSignature *ret);

/* Publishes an index without names: INDEX_FAILED, INDEX_ABSENT, or an INDEX_LIVE one that is never current.
 */
int publication_write_state(const char *runtime_directory, IndexState state, StatSignature *ret);

/* Returns 0 and the published file's stat signature, which identifies it; or a negative errno. */
int publication_identify(const char *runtime_directory, StatSignature *ret);

/* Removes the index, so that the modules ask the service.  Returns 0 (also if there was none) or a negative
 * errno. */
int publication_remove(const char *runtime_directory);

/* Reads the META record of the published file.  Returns 0, or a negative errno: -ENOENT, -EBADMSG. */
int publication_meta(const char *runtime_directory, IndexMeta *ret);
