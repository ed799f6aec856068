/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Loads the bus client, but only while the root directory is the one in which this module was loaded: after
 * chroot(2) the same path may lead to a file of someone who isn't trusted with this process.
 *
 * The client stays loaded (RTLD_NODELETE), as libsystemd leaves fork handlers behind.  The only state here is
 * the root directory's identity.
 */

#include <dlfcn.h>
#include <sys/stat.h>

#include "bus-backend.h"
#include "client/client.h"
#include "util/util.h"

static struct {
        dev_t device;
        ino_t inode;
} root_at_load;

__attribute__((__constructor__)) static void root_remember(void) {
        struct stat st;

        if (stat("/", &st) < 0)
                return;
        root_at_load.device = st.st_dev;
        root_at_load.inode = st.st_ino;
}

static bool root_is_unchanged(void) {
        struct stat st;

        return root_at_load.inode != 0 && stat("/", &st) == 0 && st.st_dev == root_at_load.device &&
               st.st_ino == root_at_load.inode;
}

static void unload(void **client) {
        if (*client)
                (void) dlclose(*client);
}

int bus_backend_ask(const Question *question, bool service_expected, Answer *ret) {
        _cleanup_(unload) void *client = NULL;
        __typeof__(libvirt_resolve_client1_address) *ask_address;
        __typeof__(libvirt_resolve_client1_name) *ask_name;

        if (!root_is_unchanged())
                return -ELIBACC;
        client = dlopen(CLIENT_OBJECT, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!client)
                return -ELIBACC;

        ask_name = dlsym(client, "libvirt_resolve_client1_name");
        ask_address = dlsym(client, "libvirt_resolve_client1_address");
        if (!ask_name || !ask_address) /* another version */
                return -ELIBACC;

        if (question->name)
                return ask_name(question->variant, question->name, question->family, service_expected, ret);
        return ask_address(question->variant, question->family, question->address, service_expected, ret);
}
