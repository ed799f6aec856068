/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The functions of an NSS module, by name.
 */

#include <nss.h>

/* A module's function, such as "gethostbyname4_r": the file's name shows how its symbols begin.  Returns
 * NULL if there is no such function.  Exits if there is no such module. */
void *module_function(const char *path, const char *name);

/* As in the C library: "SUCCESS", "NOTFOUND" … */
const char *status_name(enum nss_status status);
