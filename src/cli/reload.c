/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve reload: makes the service read all lease files again, and waits until it has.
 */

#include "cli/service-client.h"
#include "cli/verbs.h"

int verb_reload(const Options *o) {
        return client_call_once("Reload") < 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
