/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading a whole lease file into memory, whatever lies at its name.
 */

#include <stddef.h>
#include <sys/stat.h>

#include "source/problem.h"

/*
 * Reads the regular file name in the directory dirfd (or AT_FDCWD).
 * A FIFO, a device, a socket, a directory or a loop of links is never opened
 * for long and never waited for.
 *
 * Returns 0, the bytes in *ret_data (malloc'ed, the caller's; a NUL is added
 * behind the last) and their number.  On failure a negative errno, and a sentence
 * in error->text: -ENOENT (gone), -EACCES, -EFBIG (over LEASE_FILE_SIZE_MAX),
 * -EBADFD (not a regular file), -ELOOP, -ENOMEM, or the read's own.
 */
int document_read(int dirfd, const char *name, char **ret_data, size_t *ret_size, DocumentError *error);
