/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A bus client of another version than the modules': whoever calls it is sorry.
 */

#include <stdlib.h>

#include "util/util.h"

_Noreturn void libvirt_resolve_client_address(void);
_Noreturn void libvirt_resolve_client_name(void);
_Noreturn void libvirt_resolve_client2_address(void);
_Noreturn void libvirt_resolve_client2_name(void);

_public_ void libvirt_resolve_client_address(void) {
        abort();
}

_public_ void libvirt_resolve_client_name(void) {
        abort();
}

_public_ void libvirt_resolve_client2_address(void) {
        abort();
}

_public_ void libvirt_resolve_client2_name(void) {
        abort();
}
