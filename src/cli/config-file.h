/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A configuration file of the system's: read whole, and replaced in one step, so that
 * nobody ever sees half of it, with its owner, mode, ACL and SELinux context kept.
 */

#include <sys/stat.h>

#include "util/util.h"

/* A file beyond this isn't read. */
#define CONFIG_FILE_SIZE_MAX (1024U * 1024U)

/* Reads a regular file.  Returns 0 and its text, which the caller frees; -EINVAL: there is a NUL
 * in it; -EFBIG; or open's or read's errno. */
int config_file_read(const char *path, char **ret);

/* Gives the file at path other text; backup: where the old file goes.  Returns 0 or a
 * negative errno: the file is then as it was. */
int config_file_replace(const char *path, const char *backup, const char *text);
