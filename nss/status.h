/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What NSS is told of a lookup: a status, an errno, an h_errno.
 */

#include <nss.h>

/* Outcomes that only a module knows, beside LookupResult and negative errnos. */
enum {
        /* The answer is larger than the caller's buffer.  No errno means this: the
         * service's ERANGE would make glibc come back with larger and larger
         * buffers, without end. */
        RESULT_TOO_LARGE = 100,
        /* The index can't say; the service may know. */
        RESULT_UNSURE,
};

enum nss_status status_report(int result, int *errnop, int *h_errnop);
