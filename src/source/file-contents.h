/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading a whole file into memory, whatever type of file it is.
 */

#include <stdbool.h>
#include <stddef.h>

#include "source/problem.h"

/*
 * Reads the regular file name in the directory dirfd (or AT_FDCWD).  Never blocks: a FIFO, device, socket,
 * directory or loop of links at that name is an error.
 *
 * Returns 0 and the bytes, malloc'ed, owned by the caller and followed by a NUL, and their number.  On
 * failure returns a negative errno and describes it in error->text: -ENOENT (gone), -EACCES, -EFBIG (larger
 * than LEASE_FILE_SIZE_MAX), -EBADFD (not a regular file), -ELOOP, -ENOMEM, or an errno of read(2).
 */
int file_contents_read(int dirfd, const char *name, char **ret_data, size_t *ret_size, DocumentError *error);

/* Of an error of file_contents_read(): whether it is a shortage of memory or descriptors, which says nothing
 * about the file; whether it lasts until somebody puts another file there.  Any other error may pass without
 * an event (a security policy that is loaded late, an I/O error). */
bool file_error_is_shortage(int error);
bool file_error_lasts(int error);
