/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The results that NSS gets: a status, an errno, an h_errno.
 */

#include <nss.h>

/* Results that only a module has, in addition to LookupResult and negative errnos. */
enum {
        /* The answer doesn't fit the caller's buffer.  Not an errno: if the service's ERANGE meant this,
         * glibc would try larger and larger buffers without end. */
        RESULT_TOO_LARGE = 100,
        /* The index can't answer; the service might. */
        RESULT_UNSURE,
};

enum nss_status status_report(int result, int *errnop, int *h_errnop);
