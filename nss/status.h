/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What NSS is told of a lookup: a status, an errno, an h_errno.
 */

#include <nss.h>

/* The answer is larger than the caller's buffer.  Beside LookupResult and
 * negative errnos, of which none means this: the service's ERANGE would make
 * glibc come back with larger and larger buffers, without end. */
#define RESULT_TOO_LARGE 100

enum nss_status status_report(int result, int *errnop, int *h_errnop);
