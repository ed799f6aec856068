/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A system configuration file: read as a whole, and replaced atomically.  Owner, mode, ACL and SELinux
 * context are kept.
 */

#include <sys/stat.h>

#include "util/util.h"

/* Larger files aren't read. */
#define CONFIG_FILE_SIZE_MAX (1024U * 1024U)

/* Reads a regular file.  Returns 0 and its text, which the caller frees; -EILSEQ: it contains a NUL byte;
 * -EFBIG; -EBADFD: not a regular file; or the errno of open() or read(). */
int config_file_read(const char *path, char **ret);

/*
 * Replaces the text of the file at path, if it still is old.  Returns 0; -ESTALE: somebody else has changed
 * it; or another negative errno.  On failure *ret_tried is a clause that names the failed step, and the file
 * is unchanged.
 */
int config_file_replace(const char *path, const char *old, const char *text, const char **ret_tried);

/* Replaces the text of the file at path unconditionally, or creates the file with a mode that respects the
 * umask.  Returns as config_file_replace(). */
int config_file_put(const char *path, const char *text, const char **ret_tried);

/* Copies the file at path, whose text is given, to backup, with its attributes.  An existing backup is kept:
 * it is the original.  Returns as config_file_replace(). */
int config_file_back_up(const char *path, const char *text, const char *backup, const char **ret_tried);
