/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A configuration file of the system: read whole, and replaced in one step, so that nobody sees half of it.
 * Its owner, mode, ACL and SELinux context are kept.
 */

#include <sys/stat.h>

#include "util/util.h"

/* A file beyond this isn't read. */
#define CONFIG_FILE_SIZE_MAX (1024U * 1024U)

/* Reads a regular file.  Returns 0 and its text, which the caller frees; -EILSEQ: there is a NUL
 * in it; -EFBIG; -EBADFD: not a regular file; or open's or read's errno. */
int config_file_read(const char *path, char **ret);

/*
 * Gives the file at path, which has the text old, other text.  -ESTALE: somebody else has changed it
 * meanwhile. Returns 0 or a negative errno, and a clause that says which step failed: the file is then as it
 * was.
 */
int config_file_replace(const char *path, const char *old, const char *text, const char **ret_tried);

/* Gives the file at path other text whatever it has now, or creates it with the mode that the umask leaves.
 * Returns as config_file_replace(). */
int config_file_put(const char *path, const char *text, const char **ret_tried);

/* Keeps the text of the file at path in another file, like it in all else.  A backup that is there already
 * stays: it is the original.  Returns as config_file_replace(). */
int config_file_back_up(const char *path, const char *text, const char *backup, const char **ret_tried);
