/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Loads the bus client, and only from the root directory in which this module
 * was loaded itself: after chroot(2) the same path may name a file of someone
 * who isn't trusted with this process.
 *
 * The client stays loaded (RTLD_NODELETE), as libsystemd leaves handlers behind
 * that run at fork.  There is no state here but the root directory's identity.
 */

#include <dlfcn.h>
#include <sys/stat.h>

#include "bus-backend.h"
#include "client/client.h"
#include "util/util.h"

static struct {
        dev_t device;
        ino_t inode;
} home;

__attribute__((__constructor__)) static void home_remember(void) {
        struct stat st;

        if (stat("/", &st) < 0)
                return;
        home.device = st.st_dev;
        home.inode = st.st_ino;
}

static bool at_home(void) {
        struct stat st;

        return home.inode != 0 && stat("/", &st) == 0 && st.st_dev == home.device && st.st_ino == home.inode;
}

static void unload(void **client) {
        if (*client)
                (void) dlclose(*client);
}

int bus_backend_ask(const Question *question, bool live, Answer *ret) {
        _cleanup_(unload) void *client = NULL;
        __typeof__(libvirt_resolve_client1_address) *ask_address;
        __typeof__(libvirt_resolve_client1_name) *ask_name;

        if (!at_home())
                return -ELIBACC;
        client = dlopen(CLIENT_OBJECT, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!client)
                return -ELIBACC;

        ask_name = dlsym(client, "libvirt_resolve_client1_name");
        ask_address = dlsym(client, "libvirt_resolve_client1_address");
        if (!ask_name || !ask_address) /* of another version */
                return -ELIBACC;

        if (question->name)
                return ask_name(question->variant, question->name, question->family, live, ret);
        return ask_address(question->variant, question->family, question->address, live, ret);
}
