/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An NSS module that does nothing, linked as any shared object is: what loading one costs at least.
 */

#include <nss.h>

#include "util/util.h"

_public_ enum nss_status _nss_null_gethostbyname4_r(void);

enum nss_status _nss_null_gethostbyname4_r(void) {
        return NSS_STATUS_UNAVAIL;
}
