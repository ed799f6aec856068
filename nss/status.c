/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One row for each result of a lookup: what nsswitch.conf's actions see, and the source of the errors of
 * getaddrinfo() and gethostbyname().
 */

#include <netdb.h>
#include <stdbool.h>

#include "index/reader.h"
#include "status.h"
#include "util/util.h"

/* The next source must be asked: [!UNAVAIL=return] must not keep the host's other names from resolving while
 * this one is unavailable. */
static bool result_is_unavailable(int result) {
        return result < 0;
}

/* The name is a guest's, so getaddrinfo() should report "no address of that family".  It does if no later
 * source is asked; an answer of a later source, even that there is no such name, replaces this one. */
static bool result_lacks_family(int result) {
        return result == LOOKUP_NO_FAMILY;
}

/* Exactly TRYAGAIN, ERANGE and NETDB_INTERNAL make glibc call again with a larger buffer. */
static bool result_wants_larger_buffer(int result) {
        return result == RESULT_TOO_LARGE;
}

static enum nss_status report(enum nss_status status, int error, int h_error, int *errnop, int *h_errnop) {
        *errnop = error;
        *h_errnop = h_error;
        return status;
}

enum nss_status status_report(int result, int *errnop, int *h_errnop) {
        if (result == LOOKUP_FOUND)
                return report(NSS_STATUS_SUCCESS, 0, NETDB_SUCCESS, errnop, h_errnop);
        if (result_is_unavailable(result))
                return report(NSS_STATUS_UNAVAIL, -result, NO_RECOVERY, errnop, h_errnop);
        if (result_wants_larger_buffer(result))
                return report(NSS_STATUS_TRYAGAIN, ERANGE, NETDB_INTERNAL, errnop, h_errnop);
        if (result_lacks_family(result))
                return report(NSS_STATUS_NOTFOUND, ENXIO, NO_DATA, errnop, h_errnop);
        return report(NSS_STATUS_NOTFOUND, ESRCH, HOST_NOT_FOUND, errnop, h_errnop);
}
