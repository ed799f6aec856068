/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An NSS module with the names of ours and without what only ours have, as libvirt's own
 * modules are.
 */

#include <netdb.h>
#include <nss.h>

#include "util/util.h"

enum nss_status _nss_libvirt_gethostbyname_r(void);
enum nss_status _nss_libvirt_guest_gethostbyname_r(void);

_public_ enum nss_status _nss_libvirt_gethostbyname_r(void) {
        return NSS_STATUS_NOTFOUND;
}

_public_ enum nss_status _nss_libvirt_guest_gethostbyname_r(void) {
        return NSS_STATUS_NOTFOUND;
}
