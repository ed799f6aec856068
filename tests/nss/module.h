/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The functions of an NSS module, by name.
 */

#include <nss.h>

/* A module's function, such as "gethostbyname4_r": the file's name says how its symbols begin.  NULL: there is
 * no such function.  Without the module the program ends. */
void *module_function(const char *path, const char *name);

/* As in the C library: "SUCCESS", "NOTFOUND" … */
const char *status_name(enum nss_status status);
